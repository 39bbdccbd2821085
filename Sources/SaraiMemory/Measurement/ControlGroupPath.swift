import SystemPackage

/// The place of a process in the tree of cgroups (version 2).
struct ControlGroupPath: Hashable {
    /// The path below the mount point, beginning with `/`.
    let path: FilePath

    /// The group of this process; `nil` on a machine without cgroups of version 2.
    static func own(root: FilePath) -> ControlGroupPath? {
        (try? ProcFile.read(root.appending("proc/self/cgroup"))).flatMap(ControlGroupPath.init(membership:))
    }

    /// The folders of this process's group and of all groups above it, its own first; none on a machine without cgroups of
    /// version 2.
    static func ownAndAbove(root: FilePath) -> [FilePath] {
        own(root: root)?.andAbove(root: root) ?? []
    }

    /// Reads the text of `/proc/self/cgroup`: the line of version 2 is `0::/path`.
    init?(membership text: String) {
        let line = text.split(separator: "\n").first { $0.hasPrefix("0::/") }
        guard let path = line?.dropFirst(3), !path.split(separator: "/").contains("..") else {
            return nil
        }
        self.path = FilePath(String(path))
    }

    /// The group's folder.
    func folder(root: FilePath) -> FilePath {
        var folder = root.appending("sys/fs/cgroup")
        folder.components.append(contentsOf: path.components)
        return folder
    }

    /// The folders of the group and of all groups above it: what holds there holds for what is below.
    private func andAbove(root: FilePath) -> [FilePath] {
        var folder = folder(root: root)
        var folders = [folder]
        for _ in path.components {
            folder.removeLastComponent()
            folders.append(folder)
        }
        return folders
    }
}
