/// The layers of a teacher that a student starts with.
package enum LayerSelection {
  /// Spreads `count` of `total` layers evenly: layer i is the integer part of i total / count.
  ///
  /// Every second layer for half of them, as in "DistilBERT, a distilled version of BERT" (Sanh et al.,
  /// 2019): 0, 2, 4 for 3 of 6. A single layer is the first one.
  package static func spread(_ count: Int, over total: Int) -> [Int] {
    (0..<count).map { $0 * total / count }
  }

  /// Returns the chosen layers of a teacher.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` for layers that the teacher does not have, or
  ///   that are not in rising order.
  static func layers(
    _ student: DistillationOptions.Student, of total: Int
  ) throws(TrainingError) -> [Int]? {
    switch student {
    case .model: return nil
    case .layers(let wanted):
      let count = wanted ?? max(1, total / 2)
      guard (1...max(1, total)).contains(count) else {
        throw .invalidOption(
          name: "--layers",
          reason: "is \(count), but the teacher has \(total) layers; give 1 to \(total)")
      }
      return spread(count, over: total)
    case .keeping(let layers):
      let text = layers.map(String.init).joined(separator: ",")
      guard !layers.isEmpty, zip(layers, layers.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw .invalidOption(
          name: "--keep-layers", reason: "needs layers in rising order, found '\(text)'")
      }
      guard layers.allSatisfy((0..<total).contains) else {
        throw .invalidOption(
          name: "--keep-layers",
          reason: "is \(text), but the teacher's \(total) layers have the numbers 0 to \(total - 1)"
        )
      }
      return layers
    }
  }
}
