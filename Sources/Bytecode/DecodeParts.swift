// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// What the board's agent reads of a bundle: single values, and texts where they stand, so that it needs neither
/// the memory nor the code for all the rest.
extension Bundle {
  /// File name of the script.
  public func sourceName() throws(BundleError) -> Text {
    let records = try records(.manifest, stride: 48)
    guard records.count == 1 else { throw .section(Section.manifest.rawValue) }
    return try text(at: records.start + 16, of: .manifest)
  }

  /// Whether the script argument with this index was declared, and as a string.
  public func wantsString(argument index: Int) -> Bool {
    let range = range(.policy)
    let entry = 40 + 32 * index
    return entry + 32 <= range.count
      && ByteView(bytes: bytes).u32(range.lowerBound + entry) == KTAP_KIND_STR.rawValue
  }

  /// The script line of the probe with this index; nil: there is no such probe.
  public func line(ofProbe index: UInt32) -> UInt32? {
    guard let records = try? records(.probes, stride: 32), index < UInt32(records.count) else {
      return nil
    }
    return records.view.u32(records.at(Int(index)) + 24)
  }

  /// Three numbers for each output format: its kind, and where its text begins and ends in `bytes`.
  public func formatPlaces() throws(BundleError) -> [UInt32] {
    try places(.formats, stride: 16, text: 8)
  }

  /// The same for event fields; the first number says nothing.
  public func fieldPlaces() throws(BundleError) -> [UInt32] {
    try places(.fields, stride: 12, text: 0)
  }

  private func places(
    _ section: Section, stride: Int, text: Int
  ) throws(BundleError) -> [UInt32] {
    let records = try records(section, stride: stride)
    var places: [UInt32] = []
    for index in 0..<records.count {
      let at = records.at(index)
      let place = try place(ofTextAt: at + text, of: section)
      add(records.view.u32(at), to: &places)
      add(UInt32(place.lowerBound), to: &places)
      add(UInt32(place.upperBound), to: &places)
    }
    return places
  }

  @inline(never)
  private func add(_ number: UInt32, to places: inout [UInt32]) {
    places.append(number)
  }
}
