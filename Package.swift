// swift-tools-version: 6.2
import PackageDescription

// A target exists where its allowed imports differ from its neighbour's; ARCHITECTURE.md has the table
// and Tests/ArchitectureTests reads both.

/// libFuzzer's runtime, where `scripts/fuzz.py` builds the fuzzer: nothing else is built so.
let fuzzerRuntime = Context.environment["XPM_FUZZ"]

let common: [SwiftSetting] =
    [
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
    ] + (fuzzerRuntime == nil ? [] : [.unsafeFlags(["-O", "-sanitize=fuzzer,address"])])

/// Not for who imports NIO: several C modules there have the system's types, and which of them counts as a type's own goes by the files
/// that happen to be compiled together.
let strict = common + [.enableUpcomingFeature("MemberImportVisibility")]

/// xpm-web carries every byte of every request: without checks of exclusive access while it runs it needs a fifth fewer instructions for
/// one. Debug builds, which all of its tests use, check.
let web = strict + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

/// The toolchain's own linker: the system's would print glibc's warnings about functions in Swift's static libraries, of which these
/// programs call only getpwnam, for `~user`; where it finds nobody the word stays as it was written, as in a shell.
let linked: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld"], .when(configuration: .release))]

/// xpmctl and xpm-keeper start often or stay for ever: without the dynamic linker they start three times
/// faster and need half the memory. Release only, for debug builds share the toolchain's libraries.
let fullyStatic: [LinkerSetting] =
    linked + [.unsafeFlags(["-static-executable"], .when(configuration: .release))]

/// Nobody loads xpmd as a library: without the names of all its functions at hand for that, it is 2 MB smaller in memory.
let unexported: [LinkerSetting] =
    linked + [.unsafeFlags(["-Xlinker", "--no-export-dynamic"], .when(configuration: .release))]

let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let fuzzed: [Target.Dependency] = [
    "HTTPComparison", "XPMCommands", "XPMControl", "XPMDaemon", "XPMHTTP", "XPMKeeping", "XPMLogs", "XPMProtocol",
    "XPMTemplates", "XPMWorkspaces", nio, nioEmbedded,
]

/// What no input may do to what reads it: in the tests with the corpora and some mutations, by itself under libFuzzer.
let fuzz: Target =
    if let fuzzerRuntime {
        .executableTarget(
            name: "Fuzz", dependencies: fuzzed, path: "Tests/Fuzz",
            exclude: ["corpus", "CorpusTests.swift", "Mutation.swift"], swiftSettings: strict,
            linkerSettings: [
                .unsafeFlags(["-use-ld=lld", "-sanitize=address", "-Xlinker", fuzzerRuntime, "-lstdc++"])
            ])
    } else {
        .testTarget(
            name: "FuzzTests", dependencies: fuzzed + ["SeededRandom"], path: "Tests/Fuzz",
            exclude: ["corpus", "main.swift"], swiftSettings: strict)
    }

let package = Package(
    name: "xpmd",
    products: [
        .executable(name: "xpmd", targets: ["xpmd"]),
        .executable(name: "xpmctl", targets: ["xpmctl"]),
        .executable(name: "xpm-keeper", targets: ["xpm-keeper"]),
        .executable(name: "xpm-logger", targets: ["xpm-logger"]),
        .executable(name: "xpm-web", targets: ["xpm-web"]),
        .library(name: "XPMClient", targets: ["XPMClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        .target(name: "CLinux"),
        .target(name: "CTLS"),
        .target(name: "CDashboard"),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(name: "CDigest", pkgConfig: "libmd", providers: [.apt(["libmd-dev"])]),
        .systemLibrary(name: "CNcurses", providers: [.apt(["libncurses-dev"])]),
        .target(name: "XPMProtocol", swiftSettings: strict),
        .target(name: "XPMSupervision", swiftSettings: strict),
        .target(name: "XPMHTTP", swiftSettings: strict),
        .target(name: "XPMLogs", dependencies: ["CLinux"], swiftSettings: strict),
        .target(name: "XPMKeeping", dependencies: ["CLinux", "XPMLogs"], swiftSettings: strict),
        .target(
            name: "XPMStore", dependencies: ["CLinux", grdb, .product(name: "GRDBSQLite", package: "GRDB.swift")],
            swiftSettings: strict),
        .target(name: "XPMPatterns", dependencies: ["CPCRE2", "XPMProtocol"], swiftSettings: strict),
        .target(
            name: "XPMTemplates",
            dependencies: ["XPMProtocol", "XPMPatterns", .product(name: "TOMLKit", package: "TOMLKit")],
            swiftSettings: strict),
        .target(name: "XPMWorkspaces", dependencies: ["CLinux", "XPMProtocol"], swiftSettings: strict),
        .target(
            name: "XPMControl", dependencies: ["XPMProtocol", nio, nioPosix, logging],
            swiftSettings: strict),
        .target(
            name: "XPMDaemon",
            dependencies: [
                "CLinux", "CTLS", "CSystemd", "XPMProtocol", "XPMSupervision", "XPMLogs", "XPMKeeping", "XPMStore",
                "XPMControl",
                "XPMTemplates", "XPMPatterns", "XPMWorkspaces", nio, nioPosix, nioHTTP, logging,
            ],
            swiftSettings: common),
        .target(name: "XPMClient", dependencies: ["CDigest", "CLinux", "XPMProtocol"], swiftSettings: strict),
        .target(
            name: "XPMMonitor", dependencies: ["CNcurses", "XPMClient", "XPMPatterns", "XPMProtocol"],
            swiftSettings: strict),
        .target(
            name: "XPMCommands",
            dependencies: ["XPMClient", "XPMHTTP", "XPMMonitor", "XPMProtocol", argumentParser, heap],
            swiftSettings: strict),
        .target(
            name: "XPMWeb", dependencies: ["CDashboard", "CLinux", "XPMClient", "XPMHTTP", "XPMProtocol"],
            exclude: ["Dashboard/assets"], swiftSettings: web),
        .executableTarget(
            name: "xpmd", dependencies: ["XPMDaemon", "XPMProtocol", argumentParser], swiftSettings: strict,
            linkerSettings: unexported),
        .executableTarget(
            name: "xpmctl", dependencies: ["XPMCommands"], swiftSettings: strict, linkerSettings: fullyStatic),
        .executableTarget(
            name: "xpm-keeper", dependencies: ["XPMKeeping"], swiftSettings: strict, linkerSettings: fullyStatic),
        .executableTarget(
            name: "xpm-logger", dependencies: ["XPMLogs"], swiftSettings: strict, linkerSettings: fullyStatic),
        .executableTarget(
            name: "xpm-web", dependencies: ["XPMWeb"], swiftSettings: strict, linkerSettings: fullyStatic),

        .executableTarget(
            name: "example-experiment", dependencies: ["XPMClient", "XPMProtocol"], path: "Examples/experiment",
            exclude: ["README.md"], swiftSettings: strict, linkerSettings: linked),

        .target(
            name: "ScriptedDaemon", dependencies: ["XPMClient", "XPMProtocol", "ProgramFiles"],
            path: "Tests/Support/ScriptedDaemon", swiftSettings: strict),
        .testTarget(
            name: "XPMClientTests", dependencies: ["XPMClient", "XPMProtocol", "ScriptedDaemon", "SeededRandom"],
            swiftSettings: strict),
        .testTarget(
            name: "XPMMonitorTests", dependencies: ["XPMMonitor", "XPMClient", "XPMProtocol", "SeededRandom"],
            swiftSettings: strict),
        .testTarget(
            name: "XPMCommandsTests",
            dependencies: ["XPMCommands", "XPMClient", "XPMProtocol", "ScriptedDaemon", "SeededRandom", "xpmctl"],
            swiftSettings: strict),
        .target(name: "ProgramFiles", path: "Tests/Support/ProgramFiles", swiftSettings: strict),
        .target(name: "WorkspaceFixture", path: "Tests/Support/WorkspaceFixture", swiftSettings: strict),
        .target(
            name: "LogFixture", dependencies: ["XPMLogs", "CLinux"], path: "Tests/Support/LogFixture",
            swiftSettings: strict),
        .executableTarget(
            name: "log-bench", dependencies: ["XPMLogs", "CLinux"], path: "Benchmarks/log-bench",
            swiftSettings: strict, linkerSettings: linked),
        .executableTarget(
            name: "log-read-bench", dependencies: ["XPMLogs", "LogFixture", "CLinux"],
            path: "Benchmarks/log-read-bench", swiftSettings: strict, linkerSettings: linked),
        .executableTarget(
            name: "web-bench", dependencies: ["XPMWeb"], path: "Benchmarks/web-bench", swiftSettings: strict,
            linkerSettings: fullyStatic),
        .target(name: "SeededRandom", path: "Tests/Support/SeededRandom", swiftSettings: strict),
        .target(name: "Nobody", path: "Tests/Support/Nobody", swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        .target(
            name: "HTTPComparison", dependencies: ["XPMHTTP", nio, nioEmbedded, nioHTTP],
            path: "Tests/Support/HTTPComparison", swiftSettings: common),
        .testTarget(
            name: "XPMHTTPTests", dependencies: ["XPMHTTP", "HTTPComparison", "SeededRandom"], swiftSettings: strict),
        .testTarget(
            name: "XPMWebTests",
            dependencies: [
                "XPMWeb", "XPMClient", "XPMHTTP", "XPMProtocol", "CLinux", "ScriptedDaemon", "SeededRandom",
                "web-bench", "xpm-web",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "XPMSupervisionTests", dependencies: ["XPMSupervision", "SeededRandom"], swiftSettings: strict),
        .testTarget(
            name: "XPMControlTests",
            dependencies: ["XPMControl", "XPMProtocol", "SeededRandom", nio, nioEmbedded, logging],
            swiftSettings: strict),
        .testTarget(
            name: "XPMDaemonTests",
            dependencies: [
                "XPMDaemon", "XPMControl", "XPMKeeping", "XPMLogs", "XPMPatterns", "XPMProtocol", "XPMStore",
                "XPMSupervision", "XPMTemplates", "LogFixture", "SeededRandom", nio, nioPosix, nioEmbedded, logging,
            ],
            swiftSettings: common),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "XPMClient", "XPMProtocol", "XPMKeeping", "CLinux", "ProgramFiles", "SeededRandom", "WorkspaceFixture",
                "xpmd", "xpmctl", "xpm-keeper", "xpm-logger", "xpm-web",
                "example-experiment", "xpmd-crash-child", "web-stub",
            ],
            swiftSettings: strict),
        .testTarget(name: "XPMProtocolTests", dependencies: ["XPMProtocol", "SeededRandom"], swiftSettings: strict),
        .testTarget(
            name: "XPMKeepingTests",
            dependencies: ["XPMKeeping", "XPMLogs", "CLinux", "SeededRandom", "xpm-keeper", "xpm-logger"],
            swiftSettings: strict),
        .executableTarget(
            name: "web-stub", path: "Tests/Support/web-stub", swiftSettings: strict, linkerSettings: fullyStatic),
        .executableTarget(
            name: "log-writer", path: "Tests/Support/log-writer", swiftSettings: strict, linkerSettings: fullyStatic),
        .testTarget(
            name: "XPMLogsTests",
            dependencies: ["XPMLogs", "CLinux", "SeededRandom", "xpm-logger", "log-writer"],
            swiftSettings: strict),
        .testTarget(
            name: "XPMLogsReadingTests", dependencies: ["XPMLogs", "CLinux", "LogFixture", "Nobody", "SeededRandom"],
            swiftSettings: strict),
        .executableTarget(
            name: "store-crash-child", dependencies: ["XPMStore"], path: "Tests/Support/store-crash-child",
            swiftSettings: strict, linkerSettings: linked),
        .executableTarget(
            name: "xpmd-crash-child", dependencies: ["XPMDaemon"], path: "Tests/Support/xpmd-crash-child",
            swiftSettings: strict, linkerSettings: linked),
        .testTarget(
            name: "XPMStoreTests", dependencies: ["XPMStore", "SeededRandom", "store-crash-child", grdb],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "XPMWorkspacesTests",
            dependencies: ["XPMWorkspaces", "XPMProtocol", "CLinux", "Nobody", "WorkspaceFixture"],
            swiftSettings: strict),
        .testTarget(
            name: "XPMPatternsTests", dependencies: ["XPMPatterns", "XPMProtocol", "SeededRandom"],
            swiftSettings: strict),
        .testTarget(name: "XPMTemplatesTests", dependencies: ["XPMTemplates", "XPMProtocol"], swiftSettings: strict),
        fuzz,
    ]
)
