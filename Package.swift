// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "sarai",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Sarai", targets: ["Sarai"]),
        .executable(name: "sarai", targets: ["SaraiCommand"]),
        .executable(name: "sarai-chaos", targets: ["SaraiChaosCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // MARK: SaraiCore — names, units, requests, events, errors. No I/O.

        .target(name: "SaraiCore"),
        .testTarget(name: "SaraiCoreTests", dependencies: ["SaraiCore"]),

        // MARK: SaraiMetrics — what is counted, and how Prometheus reads it. No I/O.

        .target(name: "SaraiMetrics"),
        .testTarget(name: "SaraiMetricsTests", dependencies: ["SaraiMetrics"]),

        // MARK: SaraiConfiguration — YAML, .env and environment become one validated configuration.

        .target(
            name: "SaraiConfiguration",
            dependencies: [
                "SaraiCore",
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .testTarget(name: "SaraiConfigurationTests", dependencies: ["SaraiConfiguration", "SaraiCore"]),

        // MARK: SaraiAccess — who may ask: API keys.

        .target(
            name: "SaraiAccess",
            dependencies: [
                "SaraiConfiguration",
                "SaraiCore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(name: "SaraiAccessTests", dependencies: ["SaraiAccess", "SaraiConfiguration"]),

        // MARK: CSaraiSystem — system calls that Swift cannot make by itself. No logic.

        .target(name: "CSaraiSystem"),

        // MARK: SaraiMemory — GGUF headers, footprints, measurement, the plan and the ledgers.

        .target(
            name: "SaraiMemory",
            dependencies: [
                "CSaraiSystem",
                "SaraiCore",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "SaraiMemoryTests",
            dependencies: [
                "SaraiCore",
                "SaraiMemory",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),

        // MARK: SaraiBackends — code that speaks to one kind of target.

        .target(
            name: "SaraiBackends",
            dependencies: [
                "SaraiCore",
                "SaraiMemory",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            // In the program, so that one file is all there is to install.
            resources: [.embedInCode("Whisper/whisper_worker.py")]
        ),
        .testTarget(
            name: "SaraiBackendsTests",
            dependencies: [
                "SaraiBackends",
                "SaraiCore",
                "SaraiMemory",
                "SaraiTestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),

        // MARK: SaraiHub — models arrive: what a hub has, downloads that survive, the files on this machine.

        .target(
            name: "SaraiHub",
            dependencies: [
                "SaraiBackends",
                "SaraiConfiguration",
                "SaraiCore",
                "SaraiMemory",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "SaraiHubTests",
            dependencies: [
                "SaraiBackends",
                "SaraiConfiguration",
                "SaraiCore",
                "SaraiHub",
            ]
        ),

        // MARK: SaraiPool — which target answers, what is loaded, who waits.

        .target(
            name: "SaraiPool",
            dependencies: [
                "SaraiBackends",
                "SaraiConfiguration",
                "SaraiCore",
                "SaraiMemory",
                "SaraiMetrics",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "SaraiPoolTests",
            dependencies: [
                "SaraiBackends",
                "SaraiConfiguration",
                "SaraiCore",
                "SaraiMemory",
                "SaraiMetrics",
                "SaraiPool",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // MARK: SaraiRouter — what a request needs, by a small trained head.

        .target(name: "CSaraiRouter", exclude: ["Weights"]),
        .target(name: "SaraiRouter", dependencies: ["CSaraiRouter", "SaraiCore"]),
        .testTarget(name: "SaraiRouterTests", dependencies: ["SaraiCore", "SaraiRouter"], exclude: ["Golden"]),

        // MARK: SaraiSearch — the web, through a SearXNG server.

        .target(
            name: "SaraiSearch",
            dependencies: [
                "SaraiConfiguration",
                "SaraiCore",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "SaraiSearchTests",
            dependencies: [
                "SaraiConfiguration",
                "SaraiCore",
                "SaraiSearch",
                "SaraiTestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // MARK: SaraiPipelines — several models for one answer.

        .target(
            name: "SaraiPipelines",
            dependencies: [
                "SaraiConfiguration",
                "SaraiCore",
                "SaraiMemory",
                "SaraiMetrics",
                "SaraiPool",
                "SaraiRouter",
                "SaraiSearch",
            ]
        ),
        .testTarget(
            name: "SaraiPipelinesTests",
            dependencies: [
                "SaraiConfiguration",
                "SaraiCore",
                "SaraiMemory",
                "SaraiPipelines",
                "SaraiPool",
                "SaraiRouter",
            ]
        ),

        // MARK: CSaraiWeb — the web page's files, as bytes in the binary.

        .target(name: "CSaraiWeb", exclude: ["Page"]),

        // MARK: SaraiServer — HTTP routes per dialect, and the web page.

        .target(
            name: "SaraiServer",
            dependencies: [
                "CSaraiWeb",
                "SaraiAccess",
                "SaraiConfiguration",
                "SaraiCore",
                "SaraiHub",
                "SaraiMemory",
                "SaraiMetrics",
                "SaraiPipelines",
                "SaraiPool",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),

        .testTarget(
            name: "SaraiServerTests",
            dependencies: [
                "Sarai",
                "SaraiAccess",
                "SaraiConfiguration",
                "SaraiCore",
                "SaraiHub",
                "SaraiPipelines",
                "SaraiPool",
                "SaraiServer",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),

        // MARK: Sarai — the public library.

        .target(
            name: "Sarai",
            dependencies: [
                "SaraiAccess",
                "SaraiBackends",
                "SaraiConfiguration",
                "SaraiCore",
                "SaraiHub",
                "SaraiMemory",
                "SaraiPipelines",
                "SaraiPool",
                "SaraiRouter",
                "SaraiSearch",
                "SaraiServer",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),

        // MARK: AskSolar — the library as a program of one's own uses it.

        .executableTarget(
            name: "AskSolar",
            dependencies: ["Sarai", "SaraiConfiguration"],
            path: "Examples/AskSolar"
        ),

        // MARK: SaraiTestSupport — stub upstreams, scoped fixtures, polling.

        .target(
            name: "SaraiTestSupport",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),

        // MARK: SaraiChaos — a proxy that breaks connections, a model server that is mocked. For tests only.

        .target(
            name: "SaraiChaos",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "SaraiChaosTests",
            dependencies: [
                "SaraiChaos",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),

        // MARK: sarai-chaos — the test tools' executable.

        .executableTarget(
            name: "SaraiChaosCommand",
            dependencies: [
                "SaraiChaos",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),

        .testTarget(
            name: "SaraiTests",
            dependencies: [
                "Sarai",
                "SaraiConfiguration",
                "SaraiCore",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // MARK: sarai — the executable, a file per subcommand.

        .executableTarget(
            name: "SaraiCommand",
            dependencies: [
                "Sarai",
                "SaraiAccess",
                "SaraiBackends",
                "SaraiConfiguration",
                "SaraiCore",
                "SaraiHub",
                "SaraiMemory",
                "SaraiMetrics",
                "SaraiPipelines",
                "SaraiPool",
                "SaraiRouter",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "SaraiCommandTests",
            dependencies: ["SaraiCommand", "SaraiCore", "SaraiMemory", "SaraiPipelines", "SaraiPool"]
        ),
    ],
    swiftLanguageModes: [.v6]
)

// One place for the language settings of every target, so that none is laxer than the others.
for target in package.targets where !target.name.hasPrefix("C") {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("ImmutableWeakCaptures"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]
}
