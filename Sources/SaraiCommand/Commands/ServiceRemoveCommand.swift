import ArgumentParser
import Foundation
import Sarai

/// `sarai service remove`: ends the service and takes its unit away.
struct ServiceRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "End the service and remove its unit.",
        discussion: "Running answers may finish first. The configuration, the engine and the models stay.")

    @Flag(help: "Remove the unit also if somebody else has written it.")
    var force = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let file = UnitFile.own
        let exists = try force ? file.content() != nil : file.requireOwn(before: "removes")
        guard exists else {
            try output.show(ServiceRemoval(path: file.path, isRemoved: false))
            return
        }
        try UserManager.require()
        try UserManager.perform("disable", "--now", SystemdUnit.name)
        try file.remove()
        try UserManager.perform("daemon-reload")
        try output.show(ServiceRemoval(path: file.path, isRemoved: true))
    }
}

private struct ServiceRemoval: CommandResult {
    struct JSON: Encodable {
        let path: String
        let removed: Bool
    }

    let json: JSON

    init(path: String, isRemoved: Bool) {
        json = JSON(path: path, removed: isRemoved)
    }

    var quietLines: [String] { [] }

    func text(_ style: TextStyle) -> String {
        json.removed
            ? "\(SystemdUnit.name): \(style("ended and removed", .good))\n"
            : "there is no \(json.path); nothing to remove\n"
    }
}
