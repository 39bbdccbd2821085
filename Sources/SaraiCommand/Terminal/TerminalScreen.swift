import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// The person's terminal while a program has all of it: another screen than the shell's, keys as they are pressed, no cursor.
struct TerminalScreen {
    /// What was set before; `nil` where there are no keys to read.
    private let before: termios?
    private var diff = ScreenDiff()
    /// Whether the terminal is the program's now, rather than the shell's.
    private(set) var isShown = false
    private let style: TextStyle

    /// Runs `body` with the whole terminal; whatever becomes of it, the shell's screen is there again afterwards.
    static func using<Result>(_ body: (inout TerminalScreen) async throws -> Result) async throws -> Result {
        var screen = TerminalScreen()
        screen.enter()
        defer { screen.leave() }
        return try await body(&screen)
    }

    private init() {
        var settings = termios()
        before = Console.isTerminal(.input) && tcgetattr(Console.Stream.input.rawValue, &settings) == 0 ? settings : nil
        style = TextStyle(for: .output)
    }

    /// Columns and lines of the terminal at stdout; `nil` if there is none, or it does not tell.
    static var size: (width: Int, height: Int)? {
        var size = winsize()
        guard ioctl(Console.Stream.output.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
        else {
            return nil
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Shows a frame that is as wide as the terminal; nothing while the terminal is the shell's.
    mutating func show(_ lines: [StyledLine], width: Int) {
        guard isShown else {
            return
        }
        let changes = diff.update(to: lines, width: width, style: style)
        if !changes.isEmpty {
            Console.write(changes)
        }
    }

    /// Draws the next frame from nothing: the terminal has another size, or somebody else wrote there.
    mutating func redraw() {
        diff.invalidate()
    }

    /// Takes the terminal, also again after the process was stopped.
    mutating func enter() {
        if var raw = before {
            cfmakeraw(&raw)
            tcsetattr(Console.Stream.input.rawValue, TCSAFLUSH, &raw)
        }
        // The alternate screen, no cursor, no wrapping of what is too wide. Source: xterm's control sequences.
        Console.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l")
        isShown = true
        redraw()
    }

    /// Gives the terminal back and stops the whole job, as Ctrl-Z does where the terminal reads it. ``enter()`` comes back.
    ///
    /// Nothing stops where no shell could continue it: the system ignores the signal then.
    mutating func suspend() {
        leave()
        kill(0, SIGTSTP)
    }

    private mutating func leave() {
        guard isShown else {
            return
        }
        isShown = false
        Console.write("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
        if var before {
            tcsetattr(Console.Stream.input.rawValue, TCSAFLUSH, &before)
        }
    }
}
