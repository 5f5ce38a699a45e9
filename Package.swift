// swift-tools-version: 6.1
// SPDX-License-Identifier: GPL-2.0-or-later

import PackageDescription

let package = Package(
  name: "ktap",
  products: [
    .executable(name: "ktapc", targets: ["ktapc"]),
    .executable(name: "ktap-run", targets: ["ktap-run"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  ],
  targets: [
    // The ABI headers that kernel, agent and compiler share; opcode, library and record lists.
    .target(name: "CKtap", path: "kernel/include", publicHeadersPath: "."),
    // The virtual machine: the same sources that kbuild compiles into ktapvm.ko.
    .target(
      name: "CVM", dependencies: ["CKtap"], path: "kernel/vm", publicHeadersPath: "include",
      // `ktapc run --count` shows how long probes are.
      cSettings: [.define("KTAP_COUNT_INSTRUCTIONS")]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // Embedded-clean: no Foundation, no String keys, no existentials.
    .target(name: "Bytecode", dependencies: ["CKtap"]),
    .target(name: "Report", dependencies: ["Bytecode", "CKtap"]),

    .target(name: "Optimizer", dependencies: ["Bytecode"]),
    .target(name: "Language", dependencies: ["Bytecode", "Optimizer"]),
    .target(
      name: "Signing",
      dependencies: [
        "CVM",
        .product(name: "SwiftASN1", package: "swift-asn1"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "X509", package: "swift-certificates"),
      ]),
    // Recorded events: the model, ktap-run's own files; trace.dat.
    .target(name: "Events", dependencies: ["CKtap"]),
    .systemLibrary(
      name: "CTraceCmd", pkgConfig: "libtracecmd",
      providers: [.apt(["libtracecmd-dev", "libtracefs-dev", "libtraceevent-dev"])]),
    .target(name: "TraceData", dependencies: ["Events", "CTraceCmd", "CKtap"]),
    .target(
      name: "Simulator",
      dependencies: [
        "CVM", "Bytecode", "Events", "Report", .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(name: "Targets", dependencies: ["Bytecode"]),

    .executableTarget(
      name: "ktapc",
      dependencies: [
        "Language", "Bytecode", "Events", "Report", "Signing", "Simulator", "Targets", "TraceData",
        "CZlib",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    // The system calls, ioctl numbers and signal handling of the board's agent.
    .target(name: "CAgent", dependencies: ["CKtap"]),
    .executableTarget(name: "ktap-run", dependencies: ["Bytecode", "Report", "CAgent", "CKtap"]),

    .testTarget(
      name: "LanguageTests", dependencies: ["Language", "Bytecode", "Report", "CVM"],
      exclude: ["cases", "diagnostics"]),
    .testTarget(name: "BytecodeTests", dependencies: ["Bytecode"]),
    .testTarget(
      name: "OptimizerTests", dependencies: ["Optimizer", "Bytecode"], exclude: ["passes"]),
    .testTarget(name: "ReportTests", dependencies: ["Report", "Bytecode", "ktap-run"]),
    .target(name: "TestSupport", dependencies: ["CKtap"], path: "Tests/TestSupport"),
    .testTarget(
      name: "EventsTests", dependencies: ["Events", "TraceData", "TestSupport", "CKtap"],
      exclude: ["traces"]),
    .testTarget(name: "SigningTests", dependencies: ["Signing", "TestSupport"]),
    // The cases of Tests/language: what they expect, and running them in the simulator and elsewhere.
    .target(
      name: "Cases",
      dependencies: [
        "Simulator", "Language", "Bytecode", "Report",
        .product(name: "Crypto", package: "swift-crypto"),
      ], path: "Tests/Cases"),
    .executableTarget(
      name: "ktap-cases", dependencies: ["Cases", "Language"], path: "Tests/ktap-cases"),
    .testTarget(
      name: "SimulatorTests",
      dependencies: [
        "Simulator", "Events", "Language", "Bytecode", "Report", "Cases", "TestSupport",
        .product(name: "Crypto", package: "swift-crypto"),
      ], exclude: ["cases", "recordings"]),
    .testTarget(
      name: "KtapcTests",
      dependencies: ["ktapc", "Bytecode", "Signing", "Simulator", "TestSupport", "Cases"]),
  ],
  swiftLanguageModes: [.v6]
)
