// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Foundation
import Language
import Simulator

/// A script to compile.
struct Script {
  /// How diagnostics and run-time errors call it: a path, or `<command line>`.
  let name: String
  let bytes: [UInt8]

  init(code: String) {
    name = "<command line>"
    bytes = Array(code.utf8)
  }

  init(path: String, contents: [UInt8]) {
    name = path == "-" ? "<standard input>" : path
    bytes = contents
  }

  init(path: String) throws {
    let contents = try Files.read(path)
    if OpenedBundle.isBundle(contents) {
      throw Failure(.usage, "\(path): this is a bundle, not a script")
    }
    self.init(path: path, contents: contents)
  }

  /// Reports what was found in the script.
  private func report(_ diagnostics: Diagnostics, _ text: SourceText, as form: DiagnosticForm)
    throws
  {
    if diagnostics.all.isEmpty { return }
    switch form {
    case .text:
      let renderer = DiagnosticRenderer(source: text, color: Terminal.usesColor)
      Terminal.write(renderer.render(diagnostics))
    case .json: try DiagnosticJSON.write(diagnostics.sorted.map { DiagnosticJSON($0, in: text) })
    }
  }

  /// Compiles the script and reports what the compiler found. Throws with 3 when the script has
  /// errors.
  private func compile(_ options: CompileOptions, _ form: DiagnosticForm) throws -> Program {
    let text = SourceText(name: name, bytes: bytes)
    let result = Language.compile(text, options: options)
    try report(result.diagnostics, text, as: form)
    guard let program = result.program else { throw Failure(.compilation) }
    return program
  }

  /// Reports an error about the script as a whole; throw the result.
  private func failure(_ status: ExitStatus, _ message: String, _ form: DiagnosticForm) throws
    -> Failure
  {
    if form == .text { return Failure(status, "\(name): \(message)") }
    try DiagnosticJSON.write([DiagnosticJSON(error: message, file: name)])
    return Failure(status)
  }

  /// The script in canonical form. Throws with 3 when it does not parse.
  func formatted() throws -> [UInt8] {
    let text = SourceText(name: name, bytes: bytes)
    let result = Language.format(text)
    if let formatted = result.bytes { return formatted }
    try report(result.diagnostics, text, as: .text)
    throw Failure(.compilation)
  }

  /// The signed part of the script's bundle, verified.
  ///
  /// - Parameter manifest: nil for a bundle that is only run or checked here.
  func build(
    _ options: BuildOptions, manifest: ManifestOptions? = nil, embedSource: Bool = true,
    reports form: DiagnosticForm = .text
  ) throws -> [UInt8] {
    var choices = CompileOptions()
    try options.apply(to: &choices)
    manifest?.apply(to: &choices)
    var program = try compile(choices, form)
    if embedSource { program.source = try SourceArchive.pack(bytes) }
    do {
      let signedPart = try program.encode(sha256: sha256)
      _ = try LoadedProgram(signedPart: signedPart)
      return signedPart
    } catch let error as BundleError {
      throw try failure(.compilation, "\(error.message)", form)
    } catch let error as LoadError {
      throw try failure(.refused, "\(error)", form)
    }
  }
}
