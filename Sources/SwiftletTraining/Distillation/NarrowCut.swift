import SwiftletCheckpoint

/// The rows and columns of a teacher's tensors that a narrower student starts with.
///
/// Columns of the hidden rows, heads and units of the feed-forward part are spread evenly over the teacher's, as
/// layers are. Heads keep their size.
struct NarrowCut {
  private let teacher: Architecture
  /// The columns of hidden rows.
  private let hidden: [Int]
  /// The columns of the heads.
  private let heads: [Int]
  /// The units of the feed-forward part.
  private let inner: [Int]

  /// - Parameters:
  ///   - teacher: The sizes to choose from.
  ///   - student: The sizes to choose, none larger than the teacher's.
  init(_ teacher: ModelConfiguration, _ student: ModelConfiguration) {
    self.teacher = teacher.architecture
    let size = teacher.headSize
    hidden = LayerSelection.spread(student.hiddenSize, over: teacher.hiddenSize)
    heads = LayerSelection.spread(student.headCount, over: teacher.headCount)
      .flatMap { $0 * size..<($0 + 1) * size }
    inner = LayerSelection.spread(student.intermediateSize, over: teacher.intermediateSize)
  }

  /// Returns the chosen numbers of a parameter of the teacher, row-major.
  func values(_ values: [Float], of parameter: Parameter) -> [Float] {
    let (rows, columns) = axes(of: parameter)
    guard parameter.shape.count == 2 else { return rows.map { $0.map { values[$0] } } ?? values }
    let width = parameter.shape[1]
    let kept = columns ?? Array(0..<width)
    return (rows ?? Array(0..<parameter.shape[0])).flatMap { row in
      kept.map { values[row * width + $0] }
    }
  }

  /// The chosen indices of both axes, nil for all of them; a vector has rows only.
  private func axes(of parameter: Parameter) -> (rows: [Int]?, columns: [Int]?) {
    switch parameter.role {
    case .embedding: return (nil, hidden)
    case .normWeight, .normBias: return (hidden, nil)
    case .linearWeight, .linearBias: break
    }
    let module = parameter.module
    guard let layer = parameter.layer else {
      // The last layer has an output for each label.
      return (module == teacher.pooler ? hidden : nil, hidden)
    }
    let linear = LinearName.allCases.first { linear in
      teacher.parts(of: linear).contains { module == teacher.layer(layer) + $0 }
    }
    switch linear {
    case .queryKeyValue: return (heads, hidden)
    case .attentionOutput: return (hidden, heads)
    case .lin1: return (inner, hidden)
    case .lin2, nil: return (hidden, inner)
    }
  }
}
