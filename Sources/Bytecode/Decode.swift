// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// One section cut into records of equal size.
struct SectionRecords {
  let view: ByteView
  let start: Int
  let stride: Int
  let count: Int

  func at(_ index: Int) -> Int { start + index * stride }
}

extension Bundle {
  func records(_ section: Section, stride: Int) throws(BundleError) -> SectionRecords {
    let range = range(section)
    guard range.count % stride == 0 else { throw .section(section.rawValue) }
    return SectionRecords(
      view: ByteView(bytes: bytes), start: range.lowerBound, stride: stride,
      count: range.count / stride)
  }

  /// The text that a `struct ktap_file_text` at `offset` points to.
  func text(at offset: Int, of section: Section) throws(BundleError) -> Text {
    Text(bytes: Array(bytes[try place(ofTextAt: offset, of: section)]))
  }

  /// Where that text stands in `bytes`.
  func place(ofTextAt offset: Int, of section: Section) throws(BundleError) -> Range<Int> {
    let view = ByteView(bytes: bytes)
    let pool = range(.text)
    let start = view.length(offset)
    let length = view.length(offset + 4)
    guard start <= pool.count, length <= pool.count - start else {
      throw .section(section.rawValue)
    }
    let first = pool.lowerBound + start
    return first..<(first + length)
  }

  public func manifest() throws(BundleError) -> Manifest {
    let records = try records(.manifest, stride: 48)
    guard records.count == 1 else { throw .section(Section.manifest.rawValue) }
    let at = records.start
    return Manifest(
      name: try text(at: at, of: .manifest), version: try text(at: at + 8, of: .manifest),
      sourceName: try text(at: at + 16, of: .manifest), sequence: records.view.u64(at + 24),
      notBefore: records.view.i64(at + 32), notAfter: records.view.i64(at + 40))
  }

  public func policy() throws(BundleError) -> Policy {
    let range = range(.policy)
    let view = ByteView(bytes: bytes)
    let at = range.lowerBound
    guard range.count >= 40 else { throw .section(Section.policy.rawValue) }
    let count = view.length(at + 36)
    guard count <= Int(KTAP_MAX_ARGUMENTS), range.count == 40 + 32 * count else {
      throw .section(Section.policy.rawValue)
    }
    var policy = Policy()
    policy.capabilities = Capabilities(rawValue: view.u32(at))
    policy.memory = view.u32(at + 4)
    policy.probeFuel = view.u32(at + 8)
    policy.stringLimit = view.u32(at + 12)
    policy.keyLimit = view.u32(at + 16)
    policy.ring = view.u32(at + 20)
    policy.mainFuel = view.u64(at + 24)
    policy.eventRate = view.u32(at + 32)
    for index in 0..<count {
      let entry = at + 40 + 32 * index
      guard let kind = Kind(rawValue: UInt8(truncatingIfNeeded: view.u32(entry))),
        view.u32(entry) <= 0xFF, kind == .integer || kind == .string, view.u32(entry + 28) == 0
      else { throw .section(Section.policy.rawValue) }
      policy.arguments.append(
        ArgumentDeclaration(
          kind: kind, least: view.i64(entry + 8), most: view.i64(entry + 16),
          firstChoice: view.u32(entry + 24), choiceCount: view.u32(entry + 4)))
    }
    return policy
  }

  public func integers() throws(BundleError) -> [Int64] {
    let records = try records(.integers, stride: 8)
    var integers: [Int64] = []
    for index in 0..<records.count { integers.append(records.view.i64(records.at(index))) }
    return integers
  }

  public func strings() throws(BundleError) -> [Text] {
    let records = try records(.strings, stride: 8)
    var strings: [Text] = []
    for index in 0..<records.count { strings.append(try text(at: records.at(index), of: .strings)) }
    return strings
  }

  public func globals() throws(BundleError) -> [Global] {
    let records = try records(.globals, stride: 16)
    var globals: [Global] = []
    for index in 0..<records.count {
      let at = records.at(index)
      guard records.view.u16(at + 10) == 0 else { throw .reserved }
      globals.append(
        Global(
          name: try text(at: at, of: .globals), mask: records.view.mask(at + 8),
          line: records.view.u32(at + 12)))
    }
    return globals
  }

  public func tables() throws(BundleError) -> [TableSite] {
    let records = try records(.tables, stride: 48)
    var tables: [TableSite] = []
    for index in 0..<records.count {
      let at = records.at(index)
      let parts = Int(records.view.u8(at + 8))
      guard parts >= 1, parts <= Int(KTAP_MAX_KEY_PARTS) else {
        throw .section(Section.tables.rawValue)
      }
      guard records.view.u32(at + 20) == 0 else { throw .reserved }
      var keys: [KindMask] = []
      for part in 0..<Int(KTAP_MAX_KEY_PARTS) {
        let mask = records.view.mask(at + 2 * part)
        if part < parts { keys.append(mask) } else if mask != .none { throw .reserved }
      }
      tables.append(
        TableSite(
          keys: keys, value: records.view.mask(at + 10), entries: records.view.u32(at + 12),
          line: records.view.u32(at + 16),
          aggregate: AggregateParts(rawValue: records.view.u8(at + 9)),
          low: Int64(bitPattern: records.view.u64(at + 24)),
          high: Int64(bitPattern: records.view.u64(at + 32)),
          step: Int64(bitPattern: records.view.u64(at + 40))))
    }
    return tables
  }

  public func fields() throws(BundleError) -> [FieldReference] {
    let records = try records(.fields, stride: 12)
    var fields: [FieldReference] = []
    for index in 0..<records.count {
      let at = records.at(index)
      let flags = records.view.u16(at + 10)
      guard flags <= UInt16(KTAP_REFERENCE_SHOWN.rawValue) else { throw .reserved }
      fields.append(
        FieldReference(
          name: try text(at: at, of: .fields), mask: records.view.mask(at + 8),
          isShown: flags != 0))
    }
    return fields
  }

  public func probes() throws(BundleError) -> [Probe] {
    let records = try records(.probes, stride: 32)
    var probes: [Probe] = []
    for index in 0..<records.count {
      let at = records.at(index)
      guard let kind = ProbeKind(rawValue: records.view.u32(at)) else {
        throw .section(Section.probes.rawValue)
      }
      guard records.view.u32(at + 28) == 0 else { throw .reserved }
      probes.append(
        Probe(
          kind: kind, function: records.view.u32(at + 4), event: try text(at: at + 8, of: .probes),
          interval: records.view.u64(at + 16), line: records.view.u32(at + 24)))
    }
    return probes
  }

  public func formats() throws(BundleError) -> [OutputFormat] {
    let records = try records(.formats, stride: 16)
    var formats: [OutputFormat] = []
    for index in 0..<records.count {
      let at = records.at(index)
      guard let kind = OutputFormatKind(rawValue: records.view.u32(at)) else {
        throw .section(Section.formats.rawValue)
      }
      formats.append(
        OutputFormat(
          kind: kind, valueCount: records.view.u32(at + 4), text: try text(at: at + 8, of: .formats)
        ))
    }
    return formats
  }

  /// The name of one function, for run-time errors; nil when there is none of that index.
  public func functionName(_ index: Int) throws(BundleError) -> Text? {
    let records = try records(.functions, stride: 32)
    guard index >= 0, index < records.count else { return nil }
    return try text(at: records.at(index), of: .functions)
  }

  /// The script inside, or nil when the bundle was built without.
  public func source() throws(BundleError) -> CompressedSource? {
    guard hasSource else { return nil }
    let range = range(.source)
    let view = ByteView(bytes: bytes)
    guard range.count >= 8, view.u32(range.lowerBound + 4) == 0 else {
      throw .section(Section.source.rawValue)
    }
    return CompressedSource(
      length: view.u32(range.lowerBound),
      zlib: Array(bytes[(range.lowerBound + 8)..<range.upperBound]))
  }
}
