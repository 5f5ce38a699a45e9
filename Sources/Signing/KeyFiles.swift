// SPDX-License-Identifier: GPL-2.0-or-later
import Foundation

/// A key pair on disk: `NAME.key`, readable by its owner alone, and `NAME.crt`, both PEM.
public struct KeyFiles {
  public let key: String
  public let certificate: String

  /// Makes a key and its self-signed certificate. Existing files are not overwritten.
  ///
  /// - Parameter name: path without suffix; its last component becomes the certificate's name.
  public static func generate(name: String, algorithm: KeyAlgorithm) throws(SigningError)
    -> KeyFiles
  {
    let files = KeyFiles(key: name + ".key", certificate: name + ".crt")
    for path in [files.key, files.certificate] where FileManager.default.fileExists(atPath: path) {
      throw SigningError("\(path) exists already")
    }
    let key: SigningKey
    do {
      key = try SigningKey.generate(algorithm)
    } catch {
      throw SigningError("the key cannot be made: \(error)")
    }
    let common = name.split(separator: "/").last.map(String.init) ?? ""
    let certificate = try SignerCertificate.selfSigned(name: common, key: key)
    let pem = key.pem.hasSuffix("\n") ? key.pem : key.pem + "\n"
    try write(pem, to: files.key, mode: 0o600)
    try write(certificate.pem, to: files.certificate, mode: 0o644)
    return files
  }

  /// Creates the file with its mode in one step, so that nobody else can open it in between.
  private static func write(_ text: String, to path: String, mode: mode_t) throws(SigningError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else {
      throw SigningError("\(path): \(String(cString: strerror(errno)))")
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try handle.write(contentsOf: Data(text.utf8))
      try handle.close()
    } catch {
      throw SigningError("\(path) cannot be written: \(error)")
    }
  }
}
