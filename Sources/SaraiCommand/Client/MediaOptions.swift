import ArgumentParser
import Foundation
import SaraiCore

/// The options of every command that asks about pictures, videos and sounds.
struct MediaOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Show the model a picture; may be repeated.", valueName: "file"))
    var image: [String] = []

    @Option(help: ArgumentHelp("Play the model a sound; may be repeated.", valueName: "file"))
    var audio: [String] = []

    @Option(help: ArgumentHelp("Show the model a video; may be repeated.", valueName: "file"))
    var video: [String] = []

    /// Whether there is any.
    var isEmpty: Bool { image.isEmpty && audio.isEmpty && video.isEmpty }

    /// What the user says: the pictures, videos and sounds, and the prompt.
    ///
    /// - Parameter prompt: as given; `-` stands for standard input, and so does `nil` where there is nothing else to ask about.
    /// - Returns: the message.
    /// - Throws: ``CommandFailure`` if a file cannot be used, or if there is nothing to ask.
    func message(prompt: String?) throws -> Message {
        let media =
            try image.map { try read($0, .image) } + video.map { try read($0, .video) }
            + audio.map { try read($0, .audio) }
        return Message(role: .user, content: media.map(Message.Part.media) + [.text(try text(prompt))])
    }

    private func text(_ prompt: String?) throws -> String {
        if let prompt, prompt != "-" {
            return prompt
        }
        // Standard input may be the list that a loop reads its files from, or a pipe that nobody closes.
        if prompt == nil, !isEmpty {
            return ""
        }
        let text = try Console.readInput().trimmingCharacters(in: .newlines)
        guard !text.isEmpty || !isEmpty else {
            throw CommandFailure(.usage, "there is no prompt: stdin is empty.")
        }
        return text
    }

    private func read(_ path: String, _ kind: Media.Kind) throws -> Media {
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw CommandFailure(.failed, "\(path) cannot be read. Is it there, and may you read it?")
        }
        guard let media = Media(file: Array(bytes)), media.kind == kind else {
            throw CommandFailure(.failed, "\(path) is in none of these formats: \(kind.formats).")
        }
        return media
    }
}
