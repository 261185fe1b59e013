import Swiftlet

/// Which kind of model is evaluated.
extension Classifier {
  /// The function of the model's scores: sigmoid for several labels in each text, otherwise softmax.
  ///
  /// - Parameters:
  ///   - asked: --function.
  ///   - name: The model's name.
  /// - Returns: The function; `none` counts as the model's own.
  /// - Throws: `CommandFailure` for a model without classes.
  func evaluatedFunction(
    _ asked: ScoreFunction?, name: String
  ) throws(CommandFailure) -> ScoreFunction {
    guard labels.count > 1 else {
      throw CommandFailure(
        "\(name): expected a model with classes, found one output; use swiftlet classify", .badData)
    }
    guard defaultFunction != .none else {
      throw CommandFailure(
        "\(name): expected a model with classes, found one of values (regression); use swiftlet"
          + " classify", .badData)
    }
    let function = asked ?? defaultFunction
    return function == .none ? defaultFunction : function
  }
}
