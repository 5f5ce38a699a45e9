// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Simulator
import Testing

/// A bundle that was changed after it was built is refused by the loader: the digest covers
/// every byte of the signed part, and the trailer has one form.
@Suite struct TamperingTests {
  private static let bundle = Result {
    Bundle.assemble(signedPart: try signedPart(of: "n = 0\nn += 1\nprint(\"n\", n)\n"))
  }

  @Test func theBundleItselfLoads() throws {
    let program = try LoadedProgram(file: try TamperingTests.bundle.get())
    #expect(program.summary.name == "test")
  }

  @Test func everyFlippedBitIsRefused() throws {
    let good = try TamperingTests.bundle.get()
    var accepted: [Int] = []
    for bit in 0..<good.count * 8 {
      var bad = good
      bad[bit / 8] ^= 1 << UInt8(bit % 8)
      if (try? LoadedProgram(file: bad)) != nil { accepted.append(bit) }
    }
    #expect(accepted.isEmpty)
  }

  @Test func everyChangedByteGivesOneSentence() throws {
    let good = try TamperingTests.bundle.get()
    for index in good.indices {
      var bad = good
      bad[index] ^= 0xff
      let error = #expect(throws: LoadError.self) { try LoadedProgram(file: bad) }
      #expect(error?.description.isEmpty == false)
      #expect(error?.description.contains("\n") == false)
      #expect((error?.code ?? 0) > 0)
    }
  }

  @Test func truncatedFilesAreRefused() throws {
    let good = try TamperingTests.bundle.get()
    for length in good.indices {
      #expect(throws: LoadError.self) { try LoadedProgram(file: Array(good[..<length])) }
    }
  }

  @Test func lengthenedFilesAreRefused() throws {
    let good = try TamperingTests.bundle.get()
    for extra in [[0], [UInt8](repeating: 0, count: 8), [UInt8](repeating: 0xff, count: 16), good] {
      #expect(throws: LoadError.self) { try LoadedProgram(file: good + extra) }
      #expect(throws: LoadError.self) { try LoadedProgram(file: extra + good) }
    }
  }

  @Test func otherFilesAreRefused() {
    for file: [UInt8] in [[], [0], Array("print(1)\n".utf8), [UInt8](repeating: 0, count: 4096)] {
      #expect(throws: LoadError.self) { try LoadedProgram(file: file) }
    }
  }
}
