// SPDX-License-Identifier: GPL-2.0-or-later
import CAgent
import CKtap

/// Reads a bundle whole; nil with a message on stderr when that fails. One byte more than a bundle may
/// have is read at most: the kernel refuses it then, with its own words.
func readBundle(_ path: CText) -> [UInt8]? {
  let isStandardInput = isEqual(path, "-")
  let file = isStandardInput ? CAGENT_STDIN : cagent_open(path)
  guard file >= 0 else {
    report("", file: path, error: file)
    return nil
  }
  defer { if !isStandardInput { cagent_close(file) } }
  var bundle: [UInt8] = []
  let limit = Int(KTAP_MAX_BUNDLE) + 1
  while bundle.count < limit {
    let chunk = min(16 << 10, limit - bundle.count)
    let start = bundle.count
    bundle.append(contentsOf: repeatElement(0, count: chunk))
    let got = bundle.withUnsafeMutableBytes {
      cagent_read(file, $0.baseAddress.map { $0 + start }, chunk)
    }
    bundle.removeLast(chunk - max(0, Int(got)))
    if got < 0 {
      report("", file: path, error: Int32(got))
      return nil
    }
    if got == 0 { break }
  }
  return bundle
}
