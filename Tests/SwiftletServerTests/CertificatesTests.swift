#if Server
import Foundation
import Testing

@testable import SwiftletServer

@Suite struct CertificatesTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("certificates-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try place(TestModel.certificate, TestModel.certificateKey)
  }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  /// Writes new files and renames them into place, as programs that renew certificates do.
  private func place(_ certificate: String, _ key: String) throws {
    for (source, name) in [(certificate, "certificate.pem"), (key, "key.pem")] {
      try Data(contentsOf: URL(fileURLWithPath: source))
        .write(to: URL(fileURLWithPath: path(name)), options: .atomic)
    }
  }

  private func loaded() throws -> Certificates {
    let certificates = Certificates(chainPath: path("certificate.pem"), keyPath: path("key.pem"))
    try certificates.load()
    return certificates
  }

  @Test func `files that have not changed are not read again`() throws {
    let certificates = try loaded()
    let context = try #require(certificates.context)
    certificates.reloadIfChanged(silentLogger)
    #expect(certificates.context === context)
    certificates.reload(silentLogger)
    #expect(certificates.context !== context)
    try FileManager.default.removeItem(at: folder)
  }

  @Test func `new files are used once they match`() throws {
    let certificates = try loaded()
    let context = try #require(certificates.context)
    // Renewed in the middle: the new certificate has no key yet.
    try place(TestModel.renewedCertificate, TestModel.certificateKey)
    certificates.reloadIfChanged(silentLogger)
    #expect(certificates.context === context)
    try place(TestModel.renewedCertificate, TestModel.renewedKey)
    certificates.reloadIfChanged(silentLogger)
    #expect(certificates.context !== context)
    try FileManager.default.removeItem(at: folder)
  }

  @Test func `unusable or missing files leave the old certificate in place`() throws {
    let certificates = try loaded()
    let context = try #require(certificates.context)
    try Data("not PEM".utf8).write(to: URL(fileURLWithPath: path("certificate.pem")))
    certificates.reloadIfChanged(silentLogger)
    #expect(certificates.context === context)
    try FileManager.default.removeItem(at: folder)
    certificates.reloadIfChanged(silentLogger)
    certificates.reload(silentLogger)
    #expect(certificates.context === context)
    #expect(throws: ServerStartError.self) { try certificates.load() }
  }
}
#endif
