import FoundationEssentials

extension Media {
    /// The size of a picture, as its file announces it; `nil` if it does not, or if this is no picture.
    ///
    /// Of a JPEG all bytes are decoded from base64, since the size may be behind a preview picture of any length; of
    /// others a few.
    public var imageSize: ImageSize? {
        // Four digits are three bytes.
        let digits = format == .jpeg ? base64 : String(base64.prefix(ImageSize.headBytes / 3 * 4))
        return Data(base64Encoded: digits).flatMap { ImageSize(Array($0), format: format) }
    }
}
