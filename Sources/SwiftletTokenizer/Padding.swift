/// What fills encodings up to a common length, for engines that don't pack.
public struct Padding: Sendable, Equatable {
  /// Up to which length.
  public enum Length: Sendable, Equatable {
    /// That of the longest in the batch.
    case longest
    /// A number of tokens; what is longer stays so.
    case fixed(Int)
  }

  /// Up to which length.
  public var length: Length
  /// The length is raised to a multiple of this.
  public var multiple: Int?
  /// Before or behind the tokens.
  public var side: TextSide
  /// The id that fills, as ``Tokenizer/padID``.
  public var id: Int32
  /// Its type id.
  public var typeID: Int32

  /// All but the id may stay.
  public init(
    length: Length = .longest,
    multiple: Int? = nil,
    side: TextSide = .right,
    id: Int32,
    typeID: Int32 = 0
  ) {
    self.length = length
    self.multiple = multiple
    self.side = side
    self.id = id
    self.typeID = typeID
  }

  /// The length of all encodings of a batch whose longest has `longest` tokens.
  func target(longest: Int) -> Int {
    let length =
      switch length {
      case .longest: longest
      case .fixed(let length): length
      }
    guard let multiple, multiple > 0, length > 0, length % multiple > 0 else { return length }
    let (sum, overflow) = length.addingReportingOverflow(multiple - length % multiple)
    return overflow ? length : sum
  }
}

extension Encoding {
  /// Fills up to `count` tokens; what has as many stays as it is.
  mutating func pad(to count: Int, _ padding: Padding) {
    let missing = count - ids.count
    guard missing > 0 else { return }
    func fill<Element>(_ elements: inout [Element], _ element: Element) {
      let place = padding.side == .left ? 0 : elements.count
      elements.insert(contentsOf: repeatElement(element, count: missing), at: place)
    }
    fill(&ids, padding.id)
    fill(&typeIDs, padding.typeID)
    fill(&specialTokensMask, 1)
    fill(&offsets, 0..<0)
    fill(&wordIDs, nil)
    fill(&sequenceIDs, nil)
    if padding.side == .left { paddingBefore += missing } else { paddingAfter += missing }
  }
}
