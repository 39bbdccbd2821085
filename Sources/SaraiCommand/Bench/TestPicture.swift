import SaraiCore

/// A picture to show to a model: a red disc on white, 64 × 64 pixels, PNG.
enum TestPicture {
    /// The picture.
    static let media = Media(
        base64OrDataURL: """
            iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAnUlEQVR42u3Z2RWAIAwF0VcK/VdjR9oChAhZJscC5v5hojf5CAAAAAAAAAAA\
            AIDXPGPMfBEBk+nuDF1Jd2Tobv2+QXfT9xkKUm82KE69zdAP8Gu9waBo9auGToBj9UuGNoDD9fMGAAAAAAAAAAAAADynUwD4pQwASL+VYLEVA5B+\
            N1phO13hPlDkQlPhRlbkSsmhGwAAAAAAAACQcD7ju3SiF3781AAAAABJRU5ErkJggg==
            """)
}
