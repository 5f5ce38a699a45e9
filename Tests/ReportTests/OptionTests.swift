// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap
import Foundation
import Testing

@testable import ktap_run

/// A command line as C has it. The agent's options point into it.
final class CommandLineFixture {
  private let vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ words: [String]) {
    count = words.count + 1
    vector = .allocate(capacity: count + 1)
    for (index, word) in (["ktap-run"] + words).enumerated() { vector[index] = strdup(word) }
    vector[count] = nil
  }

  deinit {
    for index in 0..<count { free(vector[index]) }
    vector.deallocate()
  }

  func parse() -> CommandLineResult {
    var words = ArgumentWords(vector, count: count)
    return parseOptions(&words)
  }

  /// nil when the command line is wrong.
  func options() -> Options? {
    guard case .run(let options) = parse() else { return nil }
    return options
  }
}

@Suite struct OptionTests {
  @Test func everyOptionInBothForms() throws {
    for words in [
      ["-p", "7", "-C", "1", "-T", "-q", "-v", "-o", "f", "--json", "--all", "--duration", "5"],
      [
        "--pid=7", "--cpu=1", "--timestamps", "--quiet", "--verbose", "--output=f", "--json",
        "--all", "--duration=5",
      ],
      ["-p7", "-C1", "-Tqv", "-of", "--json", "--all", "--duration", "5s"],
      ["-Tqvp", "7", "-C", "0x1", "-o", "f", "--all", "--json", "--duration", "5000ms"],
    ] {
      let line = CommandLineFixture(words + ["b.ktapb"])
      let options = try #require(line.options(), "\(words)")
      #expect(options.pid == 7 && options.cpu == 1, "\(words)")
      #expect(options.timestamps && options.isQuiet && options.isVerbose && options.json)
      #expect(options.tracesAll && options.duration == 5_000_000_000)
      #expect(options.output.map { String(cString: $0) } == "f")
      #expect(options.bundle.map { String(cString: $0) } == "b.ktapb")
    }
  }

  @Test func whatFollowsTheBundleBelongsToTheScriptUpToTheDashes() throws {
    let line = CommandLineFixture(["-q", "b", "-p", "--json", "-5", "--", "ls", "--", "-l"])
    let options = try #require(line.options())
    #expect(
      (0..<options.arguments.count).map { options.arguments[$0].map { String(cString: $0) } } == [
        "-p", "--json", "-5",
      ])
    #expect(!options.json && options.isQuiet)
    let command = try #require(options.command)
    var words: [String] = []
    var next = command
    while let word = next.pointee {
      words.append(String(cString: word))
      next += 1
    }
    #expect(words == ["ls", "--", "-l"])
  }

  @Test func dashIsTheStandardInputAndDashesEndOptions() throws {
    let dash = CommandLineFixture(["-"])
    #expect(try #require(dash.options()).bundle.map { String(cString: $0) } == "-")
    let line = CommandLineFixture(["--", "-odd.ktapb", "x", "--", "cmd"])
    let options = try #require(line.options())
    #expect(options.bundle.map { String(cString: $0) } == "-odd.ktapb")
    #expect(options.command?[0].map { String(cString: $0) } == "cmd")
  }

  @Test(arguments: [
    [], ["-x", "b"], ["--jsonn", "b"], ["-p"], ["-p", "x", "b"], ["-p", "0", "b"],
    ["-C", "-1", "b"],
    ["-p", "99999999999", "b"], ["--duration", "5y", "b"], ["--duration", "-1s", "b"],
    ["--duration", "", "b"], ["-o"], ["b", "--"], ["--output"], ["-qZ", "b"],
    ["--duration", "9999999999h", "b"],
  ])
  func wrongCommandLines(words: [String]) {
    let line = CommandLineFixture(words)
    guard case .failure = line.parse() else {
      Issue.record("accepted: \(words)")
      return
    }
  }

  @Test func helpAndVersion() {
    for word in ["--help", "-h"] {
      guard case .help = CommandLineFixture([word]).parse() else {
        Issue.record("no help by \(word)")
        return
      }
    }
    for word in ["--version", "-V"] {
      guard case .version = CommandLineFixture([word]).parse() else {
        Issue.record("no version by \(word)")
        return
      }
    }
  }

  @Test(arguments: [
    ("10s", 10_000_000_000), ("3", 3_000_000_000), ("500ms", 500_000_000), ("7us", 7000),
    ("9ns", 9), ("2m", 120_000_000_000), ("1h", 3_600_000_000_000), ("0", 0),
  ])
  func durations(text: String, expected: Int64) {
    #expect(text.withCString { nanoseconds($0) } == expected)
  }

  @Test(
    arguments: [
      ("0", 0), ("-5", -5), ("0x10", 16), ("-0x10", -16), ("0xffffffffffffffff", -1),
      ("9223372036854775807", .max), ("-9223372036854775808", .min), ("9223372036854775808", nil),
      ("-9223372036854775809", nil), ("0x10000000000000000", nil), ("", nil), ("-", nil),
      ("0x", nil),
      ("5x", nil), ("x", nil), ("+5", nil), (" 5", nil), ("fF", nil), ("0xfF", 255),
    ] as [(String, Int64?)])
  func numbers(text: String, expected: Int64?) {
    #expect(text.withCString { wholeNumber($0) } == expected)
  }

  @Test func scriptArgumentsFollowTheDeclarationElseTheirLooks() throws {
    let line = CommandLineFixture(["b", "5", "5", "0x1F", "abc"])
    let words = line.options()?.arguments ?? Words()
    var program = Program(manifest: Manifest(name: "x"))
    program.policy.arguments = [
      ArgumentDeclaration(kind: .string, least: 0, most: 0, firstChoice: 0, choiceCount: 0),
      ArgumentDeclaration(kind: .integer, least: 0, most: 9, firstChoice: 0, choiceCount: 0),
    ]
    let bundle = try Bundle(
      Bundle.assemble(signedPart: program.encode(sha256: { _ in [UInt8](repeating: 0, count: 32) }))
    )
    let bytes = scriptArguments(words, bundle)
    let arguments = bytes.withUnsafeBytes { Array($0.bindMemory(to: ktap_ioc_argument.self)) }
    #expect(
      arguments.map(\.kind) == [
        KTAP_KIND_STR.rawValue, KTAP_KIND_INT.rawValue, KTAP_KIND_INT.rawValue,
        KTAP_KIND_STR.rawValue,
      ])
    #expect(arguments.map(\.integer) == [0, 5, 31, 0])
    #expect(arguments.map(\.length) == [1, 0, 0, 3])
  }
}
