/// A hash function that compresses blocks of 64 bytes into a state of 32-bit words, FIPS 180-4.
package protocol CompressionFunction {
  static var initialState: [UInt32] { get }
  /// Replaces the state by that after one more block, whose 16 words are big-endian.
  static func compress(_ block: UnsafeRawPointer, _ state: UnsafeMutablePointer<UInt32>)
}

/// The digest of bytes that arrive in pieces.
package struct MessageDigest<Function: CompressionFunction> {
  private var state = Function.initialState
  /// The bytes after the last whole block.
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  package init() { pending.reserveCapacity(128) }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount &+= UInt64(bytes.count)
    var rest = bytes[...]
    if !pending.isEmpty {
      let missing = rest.prefix(64 - pending.count)
      pending.append(contentsOf: missing)
      rest = rest.dropFirst(missing.count)
      guard pending.count == 64 else { return }
      pending.withUnsafeBytes { compress(UnsafeRawBufferPointer($0)) }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = rest.count / 64 * 64
    compress(UnsafeRawBufferPointer(rebasing: rest.prefix(whole)))
    pending.append(contentsOf: rest.dropFirst(whole))
  }

  package mutating func update(_ text: String) {
    Array(text.utf8).withUnsafeBytes { update($0) }
  }

  /// Compresses whole blocks.
  private mutating func compress(_ blocks: UnsafeRawBufferPointer) {
    guard let start = blocks.baseAddress, !blocks.isEmpty else { return }
    state.withUnsafeMutableBufferPointer { state in
      guard let words = state.baseAddress else { return }
      for offset in stride(from: 0, to: blocks.count, by: 64) {
        Function.compress(start + offset, words)
      }
    }
  }

  /// The digest of all bytes, in lower-case hexadecimal digits. No bytes may follow.
  package mutating func finish() -> String {
    let bits = byteCount &* 8
    let padding = (119 - pending.count) % 64 + 1
    var end = [UInt8](repeating: 0, count: padding)
    end[0] = 0x80
    end += (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * $0)) }
    end.withUnsafeBytes { update($0) }
    return state.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }
}
