import SaraiMemory

extension RemotePrefix {
    /// What always works.
    var advice: String {
        "download the file and name it instead"
    }

    /// The file is no longer the one whose beginning has arrived.
    var changed: BackendError {
        BackendError(
            .malformedAnswer,
            "\(source): the file changed on the server while it was read, or the server no longer sends parts; try again"
        )
    }

    /// What to do about something that is not a GGUF file.
    func hint(contentType: String?) -> String {
        if bytes.starts(with: "version https://git-lfs".utf8) {
            return ". It is a Git LFS pointer: use the address that downloads the file itself"
        }
        guard contentType == "text/html" || bytes.first == UInt8(ascii: "<") else {
            return ""
        }
        return """
            . It is a web page: use the address that downloads the file, on a hub the one with '/resolve/' instead of \
            '/blob/'
            """
    }

    /// The error that a status other than success stands for.
    func refusal(_ head: RemoteAnswerHead) -> BackendError {
        guard head.status != 416 || head.contentRange?.total == 0 || bytes.isEmpty else {
            return changed
        }
        return head.refusal(of: source, advice: advice + ", or use an address that is open")
    }
}

extension RemoteAnswerHead {
    /// The error that a status other than success stands for.
    ///
    /// - Parameters:
    ///   - source: what the error calls the file.
    ///   - advice: what to do where a permission is missing.
    /// - Returns: the error, with what to do.
    package func refusal(of source: String, advice: String) -> BackendError {
        switch status {
        case 404, 410:
            return BackendError(.modelMissing, "\(source): there is no such file (status \(status)); check the address")
        case 401, 403, 407:
            return BackendError(
                .rejected(status),
                "\(source): the server wants a permission that Sarai does not have (status \(status)); \(advice)")
        case 416 where contentRange?.total == 0:
            return BackendError(.malformedAnswer, "\(source): the file is empty")
        case 429, 503:
            return BackendError(
                .overloaded, "\(source): the server has too much to do (status \(status)); try again later",
                retryAfter: retryAfter)
        case 500...:
            return BackendError(.serverError(status), "\(source): the server fails (status \(status)); try again later")
        default:
            return BackendError(
                .rejected(status), "\(source): the server answers with status \(status); try again later")
        }
    }
}
