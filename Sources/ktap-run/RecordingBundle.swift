// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CAgent
import CKtap

/// An unsigned bundle, without a digest, whose one handler sends these events whole.
func recordingBundle(_ events: Words) -> [UInt8] {
  var probes = section(KTAP_SECTION_PROBES.rawValue)
  var text = section(KTAP_SECTION_TEXT.rawValue)
  for index in 0..<events.count {
    guard let event = events[index] else { break }
    let name = bytes(of: event)
    put(KTAP_PROBE_EVENT.rawValue, &probes)
    put(1, &probes)  // the handler
    put(UInt32(text.count), &probes)
    put(UInt32(name.count), &probes)
    for _ in 0..<4 { put(0, &probes) }  // no interval, no line
    text.append(contentsOf: name)
  }

  let count = KTAP_SECTION_TEXT.rawValue
  let start = 64 + 24 * count
  var table: [UInt8] = []
  var body: [UInt8] = []
  for kind in 1...count {
    var content = section(kind)
    if kind == KTAP_SECTION_PROBES.rawValue { content = probes }
    if kind == KTAP_SECTION_TEXT.rawValue { content = text }
    for word in [kind, 0, start + UInt32(body.count), 0, UInt32(content.count), 0] {
      put(word, &table)
    }
    body.append(contentsOf: content)
    while body.count % 8 != 0 { body.append(0) }
  }

  var bundle = section(0)
  put(start + UInt32(body.count), &bundle)
  bundle.append(contentsOf: repeatElement(0, count: 64 - bundle.count))
  bundle.append(contentsOf: table)
  bundle.append(contentsOf: body)
  return Bundle.assemble(signedPart: bundle)
}

/// What a section of the bundle begins with; 0 is the header.
private func section(_ kind: UInt32) -> [UInt8] {
  let section = cagent_recorder_section(kind)
  return [UInt8](UnsafeBufferPointer(start: section.bytes, count: Int(section.length)))
}

/// A little-endian number.
@inline(never)
private func put(_ number: UInt32, _ bytes: inout [UInt8]) {
  var rest = number
  for _ in 0..<4 {
    bytes.append(UInt8(truncatingIfNeeded: rest))
    rest >>= 8
  }
}
