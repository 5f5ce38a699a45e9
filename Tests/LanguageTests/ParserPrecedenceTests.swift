// SPDX-License-Identifier: GPL-2.0-or-later
import Testing

@testable import Language

@Suite struct ParserPrecedenceTests {
  /// The operators of two operands as the language's description has them, tightest first.
  private static let levels: [[String]] = [
    ["*", "/", "%"], ["+", "-"], ["<<", ">>"], ["&"], ["^"], ["|"], [".."],
    ["<", "<=", ">", ">="], ["==", "!="], ["&&"], ["||"],
  ]

  private static let operators = levels.enumerated().flatMap { level, names in
    names.map { (name: $0, level: level) }
  }

  @Test func everyOperatorIsInTheTable() {
    #expect(Set(Self.operators.map(\.name)) == Set(BinaryOperator.allCases.map(\.rawValue)))
  }

  @Test func everyPair() {
    for left in Self.operators {
      for right in Self.operators {
        // `..` alone binds to the right among its like.
        let leftFirst = left.level < right.level || (left.level == right.level && left.name != "..")
        let expected =
          leftFirst
          ? "(= x (\(right.name) (\(left.name) a b) c))"
          : "(= x (\(left.name) a (\(right.name) b c)))"
        #expect(tree("x = a \(left.name) b \(right.name) c") == expected)
      }
    }
  }

  @Test func unaryBindsTighterThanEveryBinary() {
    for op in Self.operators {
      for (spelling, unary) in [("-", "-"), ("!", "!"), ("~", "~"), ("not ", "!")] {
        #expect(
          tree("x = \(spelling)a \(op.name) \(spelling)b")
            == "(= x (\(op.name) (\(unary) a) (\(unary) b)))")
      }
    }
  }

  @Test func conditionalBindsLoosest() {
    for op in Self.operators {
      #expect(
        tree("x = a \(op.name) b ? c \(op.name) d : e \(op.name) f")
          == "(= x (? (\(op.name) a b) (\(op.name) c d) (\(op.name) e f)))")
    }
  }

  @Test func postfixBindsTightest() {
    #expect(tree("x = -a.b[1](2)") == "(= x (- (call (index (. a b) 1) 2)))")
    #expect(tree("x = a * b.c") == "(= x (* a (. b c)))")
  }

  @Test func words() {
    #expect(tree("x = a and b or not c") == tree("x = a && b || !c"))
  }
}
