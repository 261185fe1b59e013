/// Everything that decides about a training: model, data, options and output.
package struct TrainingRequest: Sendable {
  /// The folder of the base model.
  package var model: String
  package var training: TrainingData
  package var validation: ValidationData
  /// Nil finds the task by the contents of the data.
  package var task: TrainingTask?
  package var options: TrainingOptions
  /// The folder to write; nil keeps the model in memory.
  package var output: String?
  /// Whether the training goes on from the checkpoint in the output.
  package var resumes = false
  /// Whether the output may be the result of another training, which is then replaced.
  package var replacesOutput = false
  /// Whether the output may hold a trained model: one to replace, or the one beside the checkpoint with which
  /// the training goes on.
  var acceptsTrainedOutput: Bool { replacesOutput || resumes }
  /// Whether the checkpoint stays in the output after the training.
  package var keepsCheckpoint = false
  /// Whether probabilities are calibrated on the validation data: a temperature, and in tasks with several
  /// labels a threshold for each label.
  package var calibrates = false
  /// Whether the output also gets the low-rank matrices of a training with LoRA, in the folder `adapter` with
  /// the files of peft.
  package var writesAdapter = false
  /// Whether the plan that a training reports contains the time, for which the first step is computed once
  /// more.
  package var timesPlan = false
  /// The arguments for `training.json`, in one order.
  package var arguments: [TrainingReport.Argument] = []
  /// The words of the command line, for the model card; empty without one.
  package var command: [String] = []

  package init(
    model: String, training: TrainingData, validation: ValidationData = .share(0.1, seed: 42),
    options: TrainingOptions = TrainingOptions(), output: String? = nil
  ) {
    self.model = model
    self.training = training
    self.validation = validation
    self.options = options
    self.output = output
  }
}
