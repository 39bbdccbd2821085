import Foundation
import SaraiCore

/// The header `Retry-After`. Source: RFC 9110, 10.2.3.
enum RetryAfter {
    /// The longest that a server is left alone because it asks for it.
    static let longest = Duration.seconds(600)

    /// How long a server asks to be left alone.
    ///
    /// - Parameters:
    ///   - text: seconds or a date.
    ///   - now: when it came.
    /// - Returns: 0 to 10 minutes; `nil` if it says neither.
    static func duration(_ text: String, now: Date) -> Duration? {
        let text = text.trimmingCharacters(in: .whitespaces)
        let seconds = Double(text) ?? date(text)?.timeIntervalSince(now)
        guard let seconds, seconds.isFinite else {
            return nil
        }
        return .seconds(min(max(seconds, 0), longest.seconds))
    }

    /// A date in any of the three forms of HTTP.
    private static func date(_ text: String) -> Date? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        for format in ["EEE, dd MMM yyyy HH:mm:ss zzz", "EEEE, dd-MMM-yy HH:mm:ss zzz", "EEE MMM d HH:mm:ss yyyy"] {
            formatter.dateFormat = format
            if let date = formatter.date(from: text) {
                return date
            }
        }
        return nil
    }
}
