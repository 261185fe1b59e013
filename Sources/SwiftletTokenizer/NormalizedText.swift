/// A part of a text after normalization: its scalars and their byte ranges in the original.
///
/// Runs step by step over the whole part, for normalizers other than BERT's and for added tokens
/// that are matched in normalized text. ``WordScanner`` does the work of BERT's normalizer in one
/// pass and is tested against this type.
struct NormalizedText {
  private(set) var scalars: [UInt32]
  /// The scalars' offsets in the original.
  private(set) var starts: [Int]
  private(set) var ends: [Int]
  /// The start of the part in the original: the offset of scalars without a source.
  let origin: Int

  init(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, steps: [NormalizationStep]) {
    origin = range.lowerBound
    scalars = []
    starts = []
    ends = []
    scalars.reserveCapacity(range.count)
    var offset = range.lowerBound
    while offset < range.upperBound {
      let (scalar, length) = UTF8Scalars.decode(text, at: offset)
      append(scalar, offset, offset + length)
      offset += length
    }
    for step in steps { apply(step) }
  }

  mutating func append(_ scalar: UInt32, _ start: Int, _ end: Int) {
    scalars.append(scalar)
    starts.append(start)
    ends.append(end)
  }

  private mutating func apply(_ step: NormalizationStep) {
    switch step {
    case .cleanText:
      remove { $0.contains(.dropped) }
      for index in scalars.indices
      where ScalarProperties(of: scalars[index]).contains(.whitespace) {
        scalars[index] = 0x20
      }
    case .isolateChinese: replace { isChinese($0) ? [0x20, $0, 0x20] : [$0] }
    case .unicode(let form): normalize(to: form)
    case .removeNonspacingMarks: remove { $0.contains(.nonspacingMark) }
    case .removeMarks: remove { $0.contains(.combiningMark) }
    case .lowercase: replace { Self.lowercase($0) }
    case .strip(let left, let right): strip(left: left, right: right)
    case .replace(let pattern, let content): replace(pattern, with: content)
    case .prepend(let text): prepend(text)
    }
  }

  private static func lowercase(_ scalar: UInt32) -> [UInt32] {
    scalar == 0x130 ? [0x69, 0x307] : [UnicodeTables.lowercase(scalar)]
  }

  private mutating func remove(_ isRemoved: (ScalarProperties) -> Bool) {
    var kept = 0
    for index in scalars.indices where !isRemoved(ScalarProperties(of: scalars[index])) {
      (scalars[kept], starts[kept], ends[kept]) = (scalars[index], starts[index], ends[index])
      kept += 1
    }
    scalars.removeSubrange(kept...)
    starts.removeSubrange(kept...)
    ends.removeSubrange(kept...)
  }

  /// Replaces every scalar by one or more with the same offsets.
  private mutating func replace(_ replacement: (UInt32) -> [UInt32]) {
    let old = takeAll()
    for index in old.scalars.indices {
      for scalar in replacement(old.scalars[index]) {
        append(scalar, old.starts[index], old.ends[index])
      }
    }
  }

  /// Empties the text and returns the old value.
  mutating func takeAll() -> NormalizedText {
    let old = self
    scalars.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    return old
  }

  /// Removes everything outside `range`.
  mutating func keep(_ range: Range<Int>) {
    scalars = Array(scalars[range])
    starts = Array(starts[range])
    ends = Array(ends[range])
  }
}

extension NormalizedText {
  /// The text as UTF-8, and each byte's scalar index, with one more index at the end.
  var utf8: (bytes: [UInt8], scalarIndices: [Int]) {
    var bytes: [UInt8] = []
    var indices: [Int] = []
    bytes.reserveCapacity(scalars.count)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4) { buffer in
      guard let base = buffer.baseAddress else { return }
      for (index, scalar) in scalars.enumerated() {
        let length = UTF8Scalars.encode(scalar, to: base)
        for byte in 0..<length {
          bytes.append(base[byte])
          indices.append(index)
        }
      }
    }
    indices.append(scalars.count)
    return (bytes, indices)
  }
}
