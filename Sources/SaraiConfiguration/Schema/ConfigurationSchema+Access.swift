import SaraiCore

extension ConfigurationSchema {
    /// Who may ask.
    static let access: [ConfigurationKey<ServerConfiguration>] = [
        .init(
            "allowed_origins", .list(of: .webOrigin, noun: "a list of origins"), \.allowedOrigins, effect: .onRestart,
            "Web pages that may ask from a browser, such as `https://chat.example`. None may but Sarai's own."),
        .init(
            "keys_file", .newFile, \.keysFile, defaultText: "`keys.json` in `$SARAI_HOME`, else in `~/.config/sarai`",
            effect: .onRestart,
            "The API keys, which `sarai keys` adds and revokes. If there is one, every request needs a key."),
        .init(
            "api_keys", .apiKeys, \.apiKeys, variable: .named("SARAI_API_KEYS"), effect: .onRestart,
            "Further API keys, for where a file is not at hand: write `${NAME}`, or set the variable."),
        .init(
            "tls", .tlsFiles, \.tls, defaultText: "none: plain HTTP", effect: .onRestart,
            "`certificate` and `key`: PEM files with which the daemon speaks HTTPS. When they change, new connections get "
                + "the new ones."),
    ]

    /// The mapping of `server.tls`.
    static let tlsEntry = Section(
        name: "tls",
        summary: "The server's certificate and its private key, as PEM files.",
        defaults: TLSDraft(),
        keys: [
            .init(
                "certificate", .existingFile, \.certificate, isRequired: true,
                "The certificate, followed by those between it and its authority."),
            .init("key", .existingFile, \.key, isRequired: true, "The certificate's private key."),
        ])

    /// What strangers, and mistakes, may cost.
    static let limits: [ConfigurationKey<ServerConfiguration>] = [
        .init(
            "max_header", headerSize, \.connections.maxHeader, effect: .onRestart,
            "Size of a request's headers, at most. A number without a unit counts bytes."),
        .init(
            "header_timeout", .duration, \.connections.headerTimeout, effect: .onRestart,
            "From the first byte of a request to the end of its headers."),
        .init(
            "body_timeout", .duration, \.connections.bodyTimeout, effect: .onRestart,
            "From the end of a request's headers to the end of its body."),
        .init(
            "idle_timeout", .duration, \.connections.idleTimeout, effect: .onRestart,
            "How long a connection without a request is kept."),
        .init(
            "max_connections", .integer(1...65_536), \.connections.maxConnections, effect: .onRestart,
            "Connections at the same time, at most."),
        .init(
            "max_client_connections", .integer(1...65_536), \.connections.maxClientConnections, effect: .onRestart,
            "Connections at the same time from one other machine, at most."),
        .init(
            "max_messages", .integer(1...1_000_000), \.requests.maxMessages,
            "Messages of a conversation, at most."),
        .init(
            "max_output_tokens", .integer(1...1_000_000), \.requests.maxOutputTokens,
            defaultText: "as many as the model's context holds",
            "Tokens of an answer, at most: a request for more is refused, one that does not say gets so many."),
        .init(
            "max_image_pixels", .integer(1...1_000_000_000), \.requests.maxImagePixels,
            "Pixels of a picture, at most. A small file may hold a picture that takes gigabytes to decode."),
    ]

    private static let headerSize = ValueType<MemorySize>.size(
        defaultUnit: MemorySize(bytes: 1), named: "bytes", maximum: .mebibytes(1))
}

/// The values of `server.tls` as they are read.
struct TLSDraft: Sendable {
    var certificate: String?
    var key: String?
}
