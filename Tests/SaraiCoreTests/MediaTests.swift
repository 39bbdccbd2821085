import Testing

@testable import SaraiCore

@Suite struct MediaTests {
    @Test(arguments: [
        (Media.Format.png, [0x89, 0x50, 0x4E, 0x47]), (.jpeg, [0xFF, 0xD8, 0xFF]), (.gif, Array("GIF89a".utf8)),
        (.webp, Array("RIFF....WEBP".utf8)), (.wav, Array("RIFF....WAVE".utf8)), (.flac, Array("fLaC".utf8)),
        (.mp3, Array("ID3".utf8)), (.mp3, [0xFF, 0xFB]), (.bmp, Array("BM".utf8)),
    ])
    func formatsAreKnownByTheirFirstBytes(format: Media.Format, head: [UInt8]) {
        let file = head + [UInt8](repeating: 0, count: 20)
        let media = Media(file: file)
        #expect(media?.format == format)
        #expect(media.flatMap { Media(base64OrDataURL: $0.base64) } == media)
        // What the client calls it does not matter.
        #expect(media.flatMap { Media(base64OrDataURL: "data:text/html;base64," + $0.base64) } == media)
    }

    @Test(arguments: [
        "", "hello", "aGVsbG8=", "data:image/png;base64", "data:image/png,iVBORw0KGgo=", "iVBORw0KGgo\"", "iVBO Rw0K",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(Media(base64OrDataURL: text) == nil)
    }
}
