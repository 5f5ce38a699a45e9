// SPDX-License-Identifier: GPL-2.0-or-later
import Testing

@testable import Report

struct QuotingTests {
  /// Text as bytes, how a script would quote it, how JSON does.
  @Test(arguments: [
    (Array("plain".utf8), "\"plain\"", "\"plain\""),
    (Array("a\"b\\c\n\t\r".utf8), #""a\"b\\c\n\t\r""#, #""a\"b\\c\n\t\r""#),
    (Array("ä€😀".utf8), "\"ä€😀\"", "\"ä€😀\""),
    ([0x01, 0x7F], #""\x01\x7f""#, #""\u0001\u007f""#),
    // A control character of two bytes.
    ([0xC2, 0x85], #""\xc2\x85""#, "\"\u{85}\""),
    // Sequences that the end of the text cuts off.
    ([0x61, 0xC2], #""a\xc2""#, #""a\ufffd""#),
    ([0xE2, 0x82], #""\xe2\x82""#, #""\ufffd\ufffd""#),
    ([0xC2, 0x41], #""\xc2A""#, #""\ufffdA""#),
  ])
  func quotes(text: [UInt8], script: String, json: String) {
    var asScript = ByteBuffer()
    var asJSON = ByteBuffer()
    text.withUnsafeBytes {
      asScript.append(quoted: $0)
      asJSON.append(json: $0)
    }
    #expect(String(decoding: asScript.bytes, as: UTF8.self) == script)
    #expect(String(decoding: asJSON.bytes, as: UTF8.self) == json)
  }
}
