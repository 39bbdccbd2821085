/// The JSON of SearXNG, as far as it is used. Source: `get_json_response` in its `searx/webutils.py`.
struct SearXNGAnswer: Decodable, Sendable {
    let results: [Entry]
    /// Engines that did not answer, and why: `google (timeout)`.
    let silentEngines: [String]

    /// One result. Which members it has depends on the engine that found it.
    struct Entry: Decodable, Sendable {
        let title: String
        let content: String
        let url: String

        private enum CodingKeys: CodingKey {
            case title, content, url
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            func text(_ key: CodingKeys) -> String {
                // One engine's `null` or number must not cost the others' results.
                (try? container.decode(String.self, forKey: key)) ?? ""
            }
            title = text(.title)
            content = text(.content)
            url = text(.url)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case results
        case silentEngines = "unresponsive_engines"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        results = try container.decode([Entry].self, forKey: .results)
        let pairs = (try? container.decode([[String]].self, forKey: .silentEngines)) ?? []
        silentEngines = pairs.compactMap { pair in
            pair.first.map { pair.count > 1 ? "\($0) (\(pair[1]))" : $0 }
        }
    }
}
