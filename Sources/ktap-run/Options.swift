// SPDX-License-Identifier: GPL-2.0-or-later

/// What the command line asks for.
struct Options {
  /// "-": the standard input.
  var bundle: CText?
  var arguments = Words()
  /// The NULL-terminated words behind `--`; nil: none.
  var command: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
  var pid: Int32 = 0
  var cpu: Int32 = -1
  /// With `pid`: its descendants too.
  var children = false
  /// A folder of the cgroup hierarchy.
  var cgroup: CText?
  var timestamps = false
  var isQuiet = false
  var isVerbose = false
  var json = false
  var output: CText?
  /// ns; below 0: none.
  var duration: Int64 = -1
  var tracesAll = false
  /// `--record`: the arguments are events, the output is a recording.
  var records = false
  /// `--check`: load and attach, start nothing.
  var checksOnly = false
}

/// Words of the command line that stand one behind the other.
struct Words {
  var first: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
  var count = 0

  subscript(index: Int) -> CText? { first?[index].map { CText($0) } }
}

enum CommandLineResult {
  case run(Options)
  case help
  case version
  /// `--status`
  case status
  /// `--list [GLOB]`
  case list(CText?)
  case failure(UsageProblem)
}

/// The words of the command line, one after the other.
struct ArgumentWords {
  private let vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int
  private var index = 1

  init(_ vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, count: Int) {
    self.vector = vector
    self.count = count
  }

  var peek: CText? { index < count ? vector[index].map { CText($0) } : nil }

  mutating func next() -> CText? {
    guard let word = peek else { return nil }
    index += 1
    return word
  }

  /// The words that are left; NULL stands behind the last one.
  var rest: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> { vector + index }
}

/// Options stand in front of the bundle, as what follows belongs to the script, up to a `--`.
func parseOptions(_ words: inout ArgumentWords) -> CommandLineResult {
  var options = Options()
  while let word = words.peek, word[0] == 0x2D, word[1] != 0 {
    _ = words.next()
    if isEqual(word, "--") { break }
    if isEqual(word, "--help") { return .help }
    if isEqual(word, "--version") { return .version }
    if isEqual(word, "--status") { return .status }
    if isEqual(word, "--list") { return .list(words.peek) }
    let problem =
      word[1] == 0x2D ? longOption(word, &words, &options) : shortOptions(word, &words, &options)
    switch problem {
    case .none: continue
    case .some(let problem) where problem.kind == .help: return .help
    case .some(let problem) where problem.kind == .version: return .version
    case .some(let problem): return .failure(problem)
    }
  }
  options.arguments.first = words.rest
  while let word = words.next() {
    if isEqual(word, "--") {
      guard words.peek != nil else { return .failure(UsageProblem(.noCommand, word)) }
      options.command = words.rest
      break
    }
    if options.bundle == nil, !options.records {
      options.bundle = word
      options.arguments.first = words.rest
    } else {
      options.arguments.count += 1
    }
  }
  if options.records {
    guard options.arguments.count > 0 else { return .failure(UsageProblem(.noEvent, nil)) }
    options.json = false
  } else if options.bundle == nil {
    return .failure(UsageProblem(.noBundle, nil))
  }
  return .run(options)
}

private func longOption(
  _ word: CText, _ words: inout ArgumentWords, _ options: inout Options
) -> UsageProblem? {
  if isEqual(word, "--json") {
    options.json = true
  } else if isEqual(word, "--all") {
    options.tracesAll = true
  } else if isEqual(word, "--children") {
    options.children = true
  } else if isEqual(word, "--check") {
    options.checksOnly = true
  } else if isEqual(word, "--quiet") {
    options.isQuiet = true
  } else if isEqual(word, "--verbose") {
    options.isVerbose = true
  } else if isEqual(word, "--timestamps") {
    options.timestamps = true
  } else if let value = value(of: "--duration", word, &words) {
    return setDuration(value.text, word, &options)
  } else if let value = value(of: "--output", word, &words) {
    guard let text = value.text else { return UsageProblem(.noValue, word) }
    options.output = text
  } else if let value = value(of: "--cgroup", word, &words) {
    guard let text = value.text else { return UsageProblem(.noValue, word) }
    options.cgroup = text
  } else if let value = value(of: "--record", word, &words) {
    guard let text = value.text else { return UsageProblem(.noValue, word) }
    options.records = true
    options.output = isEqual(text, "-") ? nil : text
  } else if let value = value(of: "--pid", word, &words) {
    return set(&options.pid, from: value.text, least: 1, word)
  } else if let value = value(of: "--cpu", word, &words) {
    return set(&options.cpu, from: value.text, least: 0, word)
  } else {
    return UsageProblem(.unknownOption, word)
  }
  return nil
}

/// One or several letters; the value of a letter is the rest of the word or the next word.
private func shortOptions(
  _ word: CText, _ words: inout ArgumentWords, _ options: inout Options
) -> UsageProblem? {
  var letter = word + 1
  while letter.pointee != 0 {
    let rest = letter + 1
    switch UInt8(bitPattern: letter.pointee) {
    case UInt8(ascii: "T"): options.timestamps = true
    case UInt8(ascii: "q"): options.isQuiet = true
    case UInt8(ascii: "v"): options.isVerbose = true
    case UInt8(ascii: "h"): return UsageProblem(.help, word)
    case UInt8(ascii: "V"): return UsageProblem(.version, word)
    case UInt8(ascii: "p"):
      return set(&options.pid, from: rest.pointee != 0 ? rest : words.next(), least: 1, word)
    case UInt8(ascii: "C"):
      return set(&options.cpu, from: rest.pointee != 0 ? rest : words.next(), least: 0, word)
    case UInt8(ascii: "o"):
      guard let path = rest.pointee != 0 ? rest : words.next() else {
        return UsageProblem(.noValue, word)
      }
      options.output = path
      return nil
    default: return UsageProblem(.unknownOption, word)
    }
    letter = rest
  }
  return nil
}

/// For `--name value` and `--name=value`: the value, which is nil when it is missing. nil when the word
/// is another option.
private func value(
  of name: StaticString, _ word: CText, _ words: inout ArgumentWords
) -> (text: CText?, Void)? {
  guard let rest = rest(of: word, after: name) else { return nil }
  if rest.pointee == 0 { return (words.next(), ()) }
  return rest.pointee == 0x3D ? (rest + 1, ()) : nil
}

private func set(
  _ number: inout Int32, from text: CText?, least: Int64, _ word: CText
) -> UsageProblem? {
  guard let text else { return UsageProblem(.noValue, word) }
  guard let value = wholeNumber(text), value >= least, value <= Int64(Int32.max) else {
    return UsageProblem(.badNumber, text)
  }
  number = Int32(value)
  return nil
}

private func setDuration(
  _ text: CText?, _ word: CText, _ options: inout Options
) -> UsageProblem? {
  guard let text else { return UsageProblem(.noValue, word) }
  guard let duration = nanoseconds(text) else { return UsageProblem(.badDuration, text) }
  options.duration = duration
  return nil
}

/// A time as scripts write it: `10s`, `500ms`, `2m`; a bare number is seconds.
func nanoseconds(_ text: CText) -> Int64? {
  guard let (value, unit) = number(at: text), value >= 0 else { return nil }
  let factor: Int64
  if unit.pointee == 0 || isEqual(unit, "s") {
    factor = 1_000_000_000
  } else if isEqual(unit, "ms") {
    factor = 1_000_000
  } else if isEqual(unit, "us") {
    factor = 1000
  } else if isEqual(unit, "ns") {
    factor = 1
  } else if isEqual(unit, "m") {
    factor = 60_000_000_000
  } else if isEqual(unit, "h") {
    factor = 3_600_000_000_000
  } else {
    return nil
  }
  let (product, isTooLarge) = value.multipliedReportingOverflow(by: factor)
  return isTooLarge ? nil : product
}
