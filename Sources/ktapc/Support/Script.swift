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

  /// Compiles the script and reports what the compiler found on standard error. Throws with 3 when
  /// the script has errors.
  private func compile(_ options: CompileOptions) throws -> Program {
    let text = SourceText(name: name, bytes: bytes)
    let result = Language.compile(text, options: options)
    if !result.diagnostics.all.isEmpty {
      let renderer = DiagnosticRenderer(source: text, color: Terminal.usesColor)
      Terminal.write(renderer.render(result.diagnostics))
    }
    guard let program = result.program else { throw Failure(.compilation) }
    return program
  }

  /// The script in canonical form. Throws with 3 when it does not parse.
  func formatted() throws -> [UInt8] {
    let text = SourceText(name: name, bytes: bytes)
    let result = Language.format(text)
    if let formatted = result.bytes { return formatted }
    let renderer = DiagnosticRenderer(source: text, color: Terminal.usesColor)
    Terminal.write(renderer.render(result.diagnostics))
    throw Failure(.compilation)
  }

  /// The signed part of the script's bundle, verified.
  ///
  /// - Parameter manifest: nil for a bundle that is only run or checked here.
  func build(_ options: BuildOptions, manifest: ManifestOptions? = nil, embedSource: Bool = true)
    throws -> [UInt8]
  {
    var choices = CompileOptions()
    try options.apply(to: &choices)
    manifest?.apply(to: &choices)
    var program = try compile(choices)
    if embedSource { program.source = try SourceArchive.pack(bytes) }
    do {
      let signedPart = try program.encode(sha256: sha256)
      _ = try LoadedProgram(signedPart: signedPart)
      return signedPart
    } catch let error as BundleError {
      throw Failure(.compilation, "\(name): \(error.message)")
    } catch let error as LoadError {
      throw Failure(.refused, "\(name): \(error)")
    }
  }
}
