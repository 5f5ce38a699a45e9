// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CAgent
import CKtap
import Report

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
    text.append(name)
  }

  let count = KTAP_SECTION_TEXT.rawValue
  let start = 64 + 24 * count
  var table = ByteBuffer()
  var body = ByteBuffer()
  for kind in 1...count {
    var content = section(kind)
    if kind == KTAP_SECTION_PROBES.rawValue { content = probes }
    if kind == KTAP_SECTION_TEXT.rawValue { content = text }
    put(kind, &table)
    put(0, &table)
    put(start + UInt32(body.count), &table)
    put(0, &table)
    put(UInt32(content.count), &table)
    put(0, &table)
    body.append(content.bytes)
    while body.count % 8 != 0 { body.append(0) }
  }

  var bundle = section(0)
  put(start + UInt32(body.count), &bundle)
  bundle.append(repeating: 0, count: 64 - bundle.count)
  bundle.append(table.bytes)
  bundle.append(body.bytes)
  return Bundle.assemble(signedPart: bundle.bytes)
}

/// What a section of the bundle begins with; 0 is the header.
private func section(_ kind: UInt32) -> ByteBuffer {
  let section = cagent_recorder_section(kind)
  var bytes = ByteBuffer()
  bytes.append(UnsafeRawBufferPointer(start: section.bytes, count: Int(section.length)))
  return bytes
}

/// A little-endian number.
@inline(never)
private func put(_ number: UInt32, _ bytes: inout ByteBuffer) {
  var rest = number
  for _ in 0..<4 {
    bytes.append(UInt8(truncatingIfNeeded: rest))
    rest >>= 8
  }
}
