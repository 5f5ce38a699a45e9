// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

extension Program {
  /// The signed part of the bundle in canonical form.
  /// - Parameter sha256: the SHA-256 of its argument, 32 bytes.
  public func encode(sha256: ([UInt8]) -> [UInt8]) throws(BundleError) -> [UInt8] {
    try checkLimits()
    var text = TextPool()
    var sections: [[UInt8]] = [
      manifestSection(&text), policySection(), integerSection(), stringSection(&text),
      globalSection(&text), tableSection(), functionSection(&text), registerSection(),
      codeSection(), fieldSection(&text), probeSection(&text), formatSection(&text),
      lineSection(),
    ]
    sections.append(text.bytes)
    if let source {
      var writer = ByteWriter()
      writer.put(source.length)
      writer.put(UInt32(0))
      writer.bytes += source.zlib
      sections.append(writer.bytes)
    }

    var entries = ByteWriter()
    var body = ByteWriter()
    let start = BundleLayout.headerSize + BundleLayout.sectionEntrySize * sections.count
    for (index, section) in sections.enumerated() {
      body.pad(to: 8)
      entries.put(UInt32(index + 1))
      entries.put(UInt32(0))
      entries.put(UInt64(start + body.bytes.count))
      entries.put(UInt64(section.count))
      body.bytes += section
    }
    body.pad(to: 8)
    let length = start + body.bytes.count
    guard length + BundleLayout.trailerSize <= Int(KTAP_MAX_BUNDLE) else {
      throw .limit("bytes of the bundle")
    }

    var header = ByteWriter()
    header.bytes = BundleLayout.magic
    header.put(UInt16(KTAP_BUNDLE_MAJOR))
    header.put(UInt16(KTAP_BUNDLE_MINOR))
    header.put(UInt32(sections.count))
    header.put(UInt64(length))
    header.bytes += [UInt8](repeating: 0, count: 32)
    header.put(UInt64(0))
    var signed = header.bytes + entries.bytes + body.bytes
    let digest = sha256(signed)
    guard digest.count == 32 else { throw .invalid("the digest") }
    for (index, byte) in digest.enumerated() { signed[BundleLayout.digestOffset + index] = byte }
    return signed
  }

  private func checkLimits() throws(BundleError) {
    if functions.count > Int(KTAP_MAX_FUNCTIONS) { throw .limit("functions") }
    if globals.count > Int(KTAP_MAX_GLOBALS) { throw .limit("globals") }
    if tables.count > Int(KTAP_MAX_TABLES) { throw .limit("places that make tables") }
    if fields.count > Int(KTAP_MAX_FIELDS) { throw .limit("event fields") }
    if probes.count > Int(KTAP_MAX_PROBES) { throw .limit("probes") }
    if formats.count > Int(KTAP_MAX_FORMATS) { throw .limit("print and printf formats") }
    if integers.count > Int(KTAP_MAX_INTEGERS) { throw .limit("integer constants") }
    if strings.count > Int(KTAP_MAX_STRINGS) { throw .limit("string constants") }
    if policy.arguments.count > Int(KTAP_MAX_ARGUMENTS) { throw .limit("arguments") }
    var instructions = 0
    for function in functions {
      instructions += function.code.count
      if function.registers.count > Int(KTAP_MAX_REGISTERS) {
        throw .limit("registers of a function")
      }
      if function.parameterCount > Int(KTAP_MAX_PARAMETERS) {
        throw .limit("parameters of a function")
      }
      guard function.lines.count == function.code.count else { throw .invalid("a line table") }
    }
    if instructions > Int(KTAP_MAX_INSNS) { throw .limit("instructions") }
    for table in tables where table.keys.isEmpty || table.keys.count > Int(KTAP_MAX_KEY_PARTS) {
      throw .limit("parts of a table key")
    }
    if manifest.name.bytes.isEmpty || manifest.name.bytes.count > 64 { throw .invalid("the name") }
    if manifest.version.bytes.count > 64 { throw .limit("bytes of the version") }
    if manifest.sourceName.bytes.count > 255 { throw .limit("bytes of the source's name") }
  }

  private func manifestSection(_ text: inout TextPool) -> [UInt8] {
    var writer = ByteWriter()
    writer.put(manifest.name, &text)
    writer.put(manifest.version, &text)
    writer.put(manifest.sourceName, &text)
    writer.put(manifest.sequence)
    writer.put(manifest.notBefore)
    writer.put(manifest.notAfter)
    return writer.bytes
  }

  private func policySection() -> [UInt8] {
    var writer = ByteWriter()
    writer.put(policy.capabilities.rawValue)
    writer.put(policy.memory)
    writer.put(policy.probeFuel)
    writer.put(policy.stringLimit)
    writer.put(policy.keyLimit)
    writer.put(policy.ring)
    writer.put(policy.mainFuel)
    writer.put(policy.eventRate)
    writer.put(UInt32(policy.arguments.count))
    for argument in policy.arguments {
      writer.put(UInt32(argument.kind.rawValue))
      writer.put(argument.choiceCount)
      writer.put(argument.least)
      writer.put(argument.most)
      writer.put(argument.firstChoice)
      writer.put(UInt32(0))
    }
    return writer.bytes
  }

  private func integerSection() -> [UInt8] {
    var writer = ByteWriter()
    for integer in integers { writer.put(integer) }
    return writer.bytes
  }

  private func stringSection(_ text: inout TextPool) -> [UInt8] {
    var writer = ByteWriter()
    for string in strings { writer.put(string, &text) }
    return writer.bytes
  }

  private func globalSection(_ text: inout TextPool) -> [UInt8] {
    var writer = ByteWriter()
    for global in globals {
      writer.put(global.name, &text)
      writer.put(global.mask)
      writer.put(UInt16(0))
      writer.put(global.line)
    }
    return writer.bytes
  }

  private func tableSection() -> [UInt8] {
    var writer = ByteWriter()
    for table in tables {
      for part in 0..<Int(KTAP_MAX_KEY_PARTS) {
        writer.put(part < table.keys.count ? table.keys[part] : KindMask.none)
      }
      writer.put(UInt8(table.keys.count))
      writer.put(table.aggregate.rawValue)
      writer.put(table.value)
      writer.put(table.entries)
      writer.put(table.line)
      writer.put(UInt32(0))
      writer.put(UInt64(bitPattern: table.low))
      writer.put(UInt64(bitPattern: table.high))
      writer.put(UInt64(bitPattern: table.step))
    }
    return writer.bytes
  }

  private func functionSection(_ text: inout TextPool) -> [UInt8] {
    var writer = ByteWriter()
    var instruction = 0
    var register = 0
    for function in functions {
      writer.put(function.name, &text)
      writer.put(UInt32(instruction))
      writer.put(UInt32(function.code.count))
      writer.put(UInt32(register))
      writer.put(UInt16(function.registers.count))
      writer.put(UInt16(function.parameterCount))
      writer.put(function.result)
      writer.put(function.flags.rawValue)
      writer.put(function.line)
      instruction += function.code.count
      register += function.registers.count
    }
    return writer.bytes
  }

  private func registerSection() -> [UInt8] {
    var writer = ByteWriter()
    for function in functions {
      for mask in function.registers { writer.put(mask) }
    }
    return writer.bytes
  }

  private func codeSection() -> [UInt8] {
    var writer = ByteWriter()
    for function in functions {
      for instruction in function.code {
        writer.put(instruction.op.rawValue)
        writer.put(instruction.a)
        writer.put(instruction.b)
        writer.put(instruction.c)
        writer.put(instruction.imm)
      }
    }
    return writer.bytes
  }

  private func fieldSection(_ text: inout TextPool) -> [UInt8] {
    var writer = ByteWriter()
    for field in fields {
      writer.put(field.name, &text)
      writer.put(field.mask)
      writer.put(field.isShown ? UInt16(KTAP_REFERENCE_SHOWN.rawValue) : 0)
    }
    return writer.bytes
  }

  private func probeSection(_ text: inout TextPool) -> [UInt8] {
    var writer = ByteWriter()
    for probe in probes {
      writer.put(probe.kind.rawValue)
      writer.put(probe.function)
      writer.put(probe.event, &text)
      writer.put(probe.interval)
      writer.put(probe.line)
      writer.put(UInt32(0))
    }
    return writer.bytes
  }

  private func formatSection(_ text: inout TextPool) -> [UInt8] {
    var writer = ByteWriter()
    for format in formats {
      writer.put(format.kind.rawValue)
      writer.put(format.valueCount)
      writer.put(format.text, &text)
    }
    return writer.bytes
  }

  private func lineSection() -> [UInt8] {
    var writer = ByteWriter()
    for function in functions {
      for line in function.lines { writer.put(line) }
    }
    return writer.bytes
  }
}

/// The TEXT section while it grows: equal texts share their bytes.
struct TextPool {
  var bytes: [UInt8] = []
  private var offsets: [Text: UInt32] = [:]

  mutating func offset(of text: Text) -> UInt32 {
    if text.isEmpty { return 0 }
    if let known = offsets[text] { return known }
    let offset = UInt32(bytes.count)
    bytes += text.bytes
    offsets[text] = offset
    return offset
  }
}

extension ByteWriter {
  fileprivate mutating func put(_ text: Text, _ pool: inout TextPool) {
    put(pool.offset(of: text))
    put(UInt32(text.bytes.count))
  }
}
