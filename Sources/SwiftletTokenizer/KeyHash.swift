/// The hash of a byte string, computed eight bytes at a time; ``Prefixes`` computes the hashes of
/// all prefixes incrementally.
struct KeyHash {
  private let value: UInt64

  /// The slot where the search starts, before masking.
  var place: Int { Int(truncatingIfNeeded: value & 0xFFFF_FFFF) }
  /// Compared before the bytes are; independent of `place`.
  var tag: UInt32 { UInt32(truncatingIfNeeded: value >> 32) }

  /// `key` must be readable for eight bytes past its end.
  @inline(__always)
  init(_ key: UnsafePointer<UInt8>, count: Int, _ position: Vocabulary.Position) {
    var state = Self.seed(position)
    var offset = 0
    while offset + 8 <= count {
      state = Self.mix(state ^ Self.load(key + offset))
      offset += 8
    }
    self.init(state: state, tail: Self.load(key + offset), count: count)
  }

  @inline(__always)
  private init(state: UInt64, tail: UInt64, count: Int) {
    let last = tail & Self.mask(count & 7)
    value = Self.mix(state ^ last ^ UInt64(truncatingIfNeeded: count) &* 0xA24B_AED4_963E_E407)
  }

  @inline(__always)
  private static func seed(_ position: Vocabulary.Position) -> UInt64 {
    0x9E37_79B9_7F4A_7C15 &+ UInt64(position.rawValue) << 56
  }

  /// Folds a full 64-by-64-bit product: every bit of the input affects every bit of the result.
  @inline(__always)
  private static func mix(_ value: UInt64) -> UInt64 {
    let product = value.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    return product.high ^ product.low
  }

  @inline(__always)
  static func load(_ pointer: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self))
  }

  /// Returns a mask for the first `count` (0 to 7) bytes of a load.
  @inline(__always)
  static func mask(_ count: Int) -> UInt64 {
    (1 &<< UInt64(truncatingIfNeeded: count &* 8)) &- 1
  }

  /// Computes the hashes of a key's prefixes from the longest to the shortest.
  struct Prefixes {
    private let key: UnsafePointer<UInt8>
    private let position: Vocabulary.Position
    /// The state after `chunks` full chunks of eight bytes.
    private var state: UInt64
    private var chunks = 0

    @inline(__always)
    init(of key: UnsafePointer<UInt8>, _ position: Vocabulary.Position) {
      self.key = key
      self.position = position
      self.state = KeyHash.seed(position)
    }

    /// Returns the hash of a prefix. The full chunks are mixed again only when their number
    /// changes, at most in every eighth call.
    @inline(__always)
    mutating func hash(count: Int) -> KeyHash {
      let wanted = count >> 3
      if wanted != chunks {
        state = KeyHash.seed(position)
        for chunk in 0..<wanted { state = KeyHash.mix(state ^ KeyHash.load(key + chunk * 8)) }
        chunks = wanted
      }
      return KeyHash(state: state, tail: KeyHash.load(key + wanted * 8), count: count)
    }
  }
}
