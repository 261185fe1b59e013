#if Hub
import Glibc
import SwiftletSystem

/// The bytes of a blob that have arrived, in a file beside it.
///
/// Where locks work, the file is `ETAG.swiftlet.incomplete`: only the holder of the blob's lock writes
/// it, and the next holder continues it, after a kill too. Elsewhere the name is random, so that two
/// processes never write the same file, and ``close()`` deletes it.
final class PartialFile {
  /// The number of bytes that have arrived.
  private(set) var count = 0
  private let descriptor: Int32
  private let path: String
  private let blob: String
  private let isResumable: Bool
  private let kind: EntityTag.Kind
  /// Nil until the size is known that Git's hash begins with.
  private var digest: FileDigest?
  private var isCommitted = false

  /// Opens the file, and hashes the bytes that an earlier download left.
  ///
  /// - Parameters:
  ///   - blob: The path that the file takes when it is complete.
  ///   - tag: The tag of the blob, by which the bytes are verified.
  ///   - size: The size of the whole file, if it is known. A longer file is not one to continue.
  ///   - isResumable: Whether no other process can write the file.
  /// - Throws: ``HubError/unwritable(path:reason:)``.
  init(
    of blob: String, _ tag: EntityTag, size: Int?, isResumable: Bool
  ) throws(HubError) {
    self.blob = blob
    kind = tag.kind
    // Bytes that can't be verified are not continued.
    self.isResumable = isResumable && kind != .unknown && size != nil
    let suffix = self.isResumable ? "swiftlet" : Self.randomName()
    path = "\(blob).\(suffix).incomplete"
    let mode = self.isResumable ? O_CREAT : O_CREAT | O_EXCL
    descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | mode, 0o666)
    guard descriptor >= 0 else { throw Self.unwritable(path) }
    digest = FileDigest(kind, size: size)
    count = try hashContents()
    if count > size ?? 0 { try restart(size: size) }
  }

  deinit { Glibc.close(descriptor) }

  private static func randomName() -> String {
    let digits = String(UInt32.random(in: 0...UInt32.max), radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  private static func unwritable(_ path: String) -> HubError {
    .unwritable(path: path, reason: String(cString: strerror(errno)))
  }

  /// Hashes the bytes from the file's position to its end; returns their number.
  private func hashContents() throws(HubError) -> Int {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var total = 0
    while true {
      let received = read(descriptor, &buffer, buffer.count)
      if received < 0, errno == EINTR { continue }
      guard received >= 0 else { throw Self.unwritable(path) }
      if received == 0 { return total }
      buffer.withUnsafeBytes {
        digest?.update(UnsafeRawBufferPointer(rebasing: $0.prefix(received)))
      }
      total += received
    }
  }

  /// Deletes all bytes; `size` is that of the whole file.
  func restart(size: Int?) throws(HubError) {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw Self.unwritable(path)
    }
    count = 0
    digest = FileDigest(kind, size: size)
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(HubError) {
    let written = FileWriting.write(bytes, to: descriptor)
    guard written == bytes.count else {
      let error = Self.unwritable(path)
      // Exactly the bytes that were hashed stay, so that the next download continues after them.
      ftruncate(descriptor, off_t(count))
      throw error
    }
    digest?.update(bytes)
    count += bytes.count
  }

  /// The hash of the bytes, as the tag has it; nil for a tag that is not a hash.
  func hash() throws(HubError) -> String? {
    if digest == nil {
      digest = FileDigest(kind, size: count)
      guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw Self.unwritable(path) }
      _ = try hashContents()
    }
    return digest?.finish()
  }

  /// Gives the file the blob's name, after its bytes are on the disk.
  func commit() throws(HubError) {
    guard fsync(descriptor) == 0 else { throw Self.unwritable(path) }
    guard rename(path, blob) == 0 else { throw Self.unwritable(blob) }
    isCommitted = true
  }

  /// Deletes the file.
  func discard() { unlink(path) }

  /// Deletes the file unless it was committed or another download can continue it.
  func close() {
    if !isCommitted, !isResumable || count == 0 { unlink(path) }
  }
}
#endif
