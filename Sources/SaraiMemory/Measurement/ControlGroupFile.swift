import SystemPackage

/// Control files of the cgroups (version 2) that this process is in.
package enum ControlGroupFile {
    /// The texts of a file of the process's own group and of all groups above it: a limit holds for all that is below.
    ///
    /// - Parameters:
    ///   - name: the file, such as `cpu.max`.
    ///   - root: the folder that holds `proc` and `sys`; another one in tests.
    /// - Returns: own group first. Groups without the file are left out; none on a machine without cgroups of version 2.
    package static func texts(_ name: String, root: String = "/") -> [String] {
        ControlGroupPath.ownAndAbove(root: FilePath(root)).compactMap { try? ProcFile.read($0.appending(name)) }
    }
}
