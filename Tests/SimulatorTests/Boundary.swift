// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Crypto
import Language
import Report
import Simulator
import Testing

/// A limit of the language: scripts with as much as is allowed of something, and with one more.
struct Boundary: Sendable, CustomTestStringConvertible {
  let name: String
  /// How much is allowed; where it depends on the code that the compiler makes, what it surely is.
  let most: Int
  /// What is said about one more: the end of a diagnostic or of a run-time error.
  let message: String
  /// Whether more than `most` may fit.
  var isLeast = false
  /// Whether the script can be run here at its limit; scripts with events are only loaded.
  var isRun = true
  /// What the script prints at its limit; nil: not compared.
  var output: String?
  let script: @Sendable (Int) -> String

  var testDescription: String { name }
}

/// How a script ended.
enum Ending: Equatable, CustomStringConvertible {
  case refused([String])
  case ran(output: String, error: String?)

  var description: String {
    switch self {
    case .refused(let messages): "refused: \(messages)"
    case .ran(let output, let error): "\(output)error: \(error ?? "none")"
    }
  }

  /// True when nothing was said against the script.
  var isFine: Bool {
    if case .ran(_, nil) = self { return true }
    return false
  }

  /// Whether what was said ends so.
  func says(_ message: String) -> Bool {
    switch self {
    case .refused(let messages): messages.allSatisfy { $0.hasSuffix(message) }
    case .ran(_, let error): error?.hasSuffix(message + "\n") ?? false
    }
  }
}

/// Compiles, loads and perhaps runs a script. `change` may alter the program before.
func ending(
  of script: String, isRun: Bool = true, options: CompileOptions = CompileOptions(),
  arguments: [LoadedProgram.Argument] = [], change: (inout Program) -> Void = { _ in }
) throws -> Ending {
  let compilation = compile(SourceText(name: "test.kp", text: script), options: options)
  guard var program = compilation.program else {
    return .refused(compilation.diagnostics.all.filter { $0.severity == .error }.map(\.message))
  }
  change(&program)
  do {
    let signed = try program.encode { Array(SHA256.hash(data: $0)) }
    let bundle = try Bundle(Bundle.assemble(signedPart: signed))
    let loaded = try LoadedProgram(file: bundle.bytes)
    try loaded.setArguments(arguments, declaredOnly: false)
    guard isRun else { return .ran(output: "", error: nil) }
    let texts = Texts()
    let outcome = try Simulation().run(loaded, bundle: bundle, options: ReportOptions()) {
      switch $1 {
      case .output: texts.output += $0
      case .diagnostics: texts.diagnostics += $0
      }
    }
    let error = outcome == .failed ? String(decoding: texts.diagnostics, as: UTF8.self) : nil
    return .ran(output: String(decoding: texts.output, as: UTF8.self), error: error)
  } catch let error as BundleError {
    return .refused([error.message])
  } catch let error as LoadError {
    return .refused([error.description])
  }
}

private final class Texts {
  var output: [UInt8] = []
  var diagnostics: [UInt8] = []
}

/// The greatest number of the range that `fits`, which all smaller ones do.
func greatest(_ range: ClosedRange<Int>, fits: (Int) throws -> Bool) rethrows -> Int {
  var (low, high) = (range.lowerBound, range.upperBound)
  while low < high {
    let middle = (low + high + 1) / 2
    if try fits(middle) { low = middle } else { high = middle - 1 }
  }
  return low
}

extension Boundary {
  /// Checks both sides of the limit.
  func check() throws {
    var limit = most
    if isLeast {
      limit = try greatest(most...most * 16) { try ending(of: script($0), isRun: isRun).isFine }
    }
    let at = try ending(of: script(limit), isRun: isRun)
    #expect(at.isFine, "at \(limit)")
    if let output { #expect(at == .ran(output: output, error: nil)) }
    let past = try ending(of: script(limit + 1), isRun: isRun)
    #expect(past.says(message), "past \(limit): \(past)")
  }
}
