extension ConfigurationSchema {
    static let hub = Section(
        name: "hub",
        summary: "Where `sarai pull` gets models from. Requests never name a server: `hf.co/…` means this one.",
        defaults: HubConfiguration(),
        keys: [
            .init(
                "endpoint", .hubEndpoint, \.endpoint, variable: .named("HF_ENDPOINT"),
                "The base URL of the hub, or of a mirror that speaks its API. Unencrypted only on this machine."),
            .init(
                "token", .secret, \.token, variable: .named("HF_TOKEN"), defaultText: "none",
                "For models that are not open to everybody. Sent to `endpoint` and never to where that redirects."),
            .init(
                "token_file", .existingFile, \.tokenFile, defaultText: "none",
                "A file that holds the token, such as `~/.cache/huggingface/token`."),
            .init(
                "connections", .integer(1...16), \.connections,
                "Parts of a file that are fetched at the same time, at most."),
            .init(
                "allow_pull", .boolean, \.allowsPull,
                "Whether clients may have models fetched and removed: `POST /api/pull`, `DELETE /api/delete`."),
        ])
}
