// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Crypto
import Foundation
import Language

/// Programs that ``ProgramWriter`` wrote, each with and without the optimiser, in one file: for each bundle its length in four
/// bytes and the bundle. Whoever runs them answers with a file that has for each its exit code and the length
/// of its records, four bytes each, and the records.
public struct GeneratedPrograms {
  /// Instructions that a program may take: some would run for long.
  static let fuel: UInt64 = 200_000

  /// The writer does not follow kinds through conditions as the compiler does, and so now and then writes what is certain
  /// to fail: `v || v + 1` where `v` can be false. Such a script is no valid program.
  private struct CertainFailure: Error {}

  private static func isCertainFailure(_ diagnostics: Diagnostics) -> Bool {
    diagnostics.all.filter { $0.severity == .error }
      .allSatisfy { $0.message.hasPrefix("arithmetic takes integers, but this is ") }
  }

  /// The bundles of a seed; throws when the compiler refuses the script.
  static func bundles(seed: UInt64) throws -> [[UInt8]] {
    var writer = ProgramWriter(seed: seed)
    let source = SourceText(name: "\(seed).kp", text: writer.script())
    return try [true, false].map { optimizes in
      var options = CompileOptions()
      options.optimizes = optimizes
      let compilation = compile(source, options: options)
      guard var program = compilation.program else {
        if isCertainFailure(compilation.diagnostics) { throw CertainFailure() }
        let report = DiagnosticRenderer(source: source).render(compilation.diagnostics)
        throw CaseFailure(description: report)
      }
      program.policy.mainFuel = fuel
      return Bundle.assemble(signedPart: try program.encode { Array(SHA256.hash(data: $0)) })
    }
  }

  /// What became of the scripts of some seeds.
  public struct Written {
    public var programs = 0
    public var refused: [String] = []
    /// How many would certainly have failed: not many may.
    public var failing = 0
  }

  /// Writes the programs of so many seeds.
  public static func write(_ seeds: Range<UInt64>, to file: String) throws -> Written {
    var data = Data()
    var written = Written()
    for seed in seeds {
      do {
        for bundle in try bundles(seed: seed) {
          withUnsafeBytes(of: UInt32(bundle.count)) { data.append(contentsOf: $0) }
          data.append(contentsOf: bundle)
        }
        written.programs += 1
      } catch let failure as CaseFailure {
        written.refused.append("seed \(seed): \(failure)")
      } catch is CertainFailure {
        written.failing += 1
      }
    }
    try data.write(to: URL(fileURLWithPath: file))
    return written
  }

  /// What became of the programs of a file.
  public struct Comparison {
    public var passed = 0
    public var differences: [String] = []
    /// How many of them ended with a run-time error.
    public var errors = 0
  }

  /// Compares what the two forms of each program did.
  public static func compare(_ programs: String, _ results: String) throws -> Comparison {
    var bundles = Reader(try [UInt8](Data(contentsOf: URL(fileURLWithPath: programs))))
    var runs = Reader(try [UInt8](Data(contentsOf: URL(fileURLWithPath: results))))
    var comparison = Comparison()
    while let first = bundles.item(), let second = bundles.item() {
      let results = try [first, second].map { bundle in
        guard let code = runs.number(), let records = runs.item() else {
          throw CaseFailure(description: "the runs ended after \(comparison.passed) programs")
        }
        return try CaseResult(
          records: records, exitCode: Int32(bitPattern: code), bundle: bundle)
      }
      if !results[1].diagnostics.isEmpty { comparison.errors += 1 }
      if let why = difference(optimised: results[0], plain: results[1]) {
        let name = try Bundle(first).manifest().sourceName.string
        comparison.differences.append("\(name): \(why)")
      } else {
        comparison.passed += 1
      }
    }
    return comparison
  }

  /// How an optimised program differs from the plain one. Where the plain one used something up, the optimised one may
  /// need less and get farther.
  private static func difference(optimised: CaseResult, plain: CaseResult) -> String? {
    let used = ["(limit fuel", "(at most ", "(limit memory"]
    if used.contains(where: { plain.diagnostics.contains($0) }) { return nil }
    return optimised.difference(from: plain)
  }

  private struct Reader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func number() -> UInt32? {
      guard place + 4 <= bytes.count else { return nil }
      defer { place += 4 }
      return bytes[place..<place + 4].withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
    }

    mutating func item() -> [UInt8]? {
      guard let length = number(), place + Int(length) <= bytes.count else { return nil }
      defer { place += Int(length) }
      return Array(bytes[place..<place + Int(length)])
    }
  }
}
