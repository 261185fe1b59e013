package import SwiftletCheckpoint
import SwiftletEncoder
package import SwiftletSafetensors

/// What a folder is for, as its `architectures`, labels and tensors tell: the only place that decides
/// it, for every facade, for `swiftlet inspect` and for the server.
package struct ModelPurpose: Sendable {
  /// The tasks for which the folder has a head, or for `embedding` a body that is meant for it; the one
  /// that it is made for first.
  package let tasks: [ModelTask]
  /// The tasks that `architectures` names, whether the file has their heads or not.
  package let named: [ModelTask]
  private let architectures: [String]
  private let heads: CheckpointHeads
  private let folder: ModelFolder

  /// - Parameters:
  ///   - folder: Where the parts lie.
  ///   - configuration: With labels, if the task may depend on them: to tell token from sequence
  ///     classifiers where `architectures` does not, and for zero-shot classification.
  ///   - heads: What the checkpoint holds.
  package init(
    _ folder: ModelFolder, _ configuration: ModelConfiguration, _ heads: CheckpointHeads
  ) {
    self.folder = folder
    self.heads = heads
    architectures = configuration.architectures
    named = architectures.compactMap { ModelTask(class: $0) }
    let saysBody = architectures.contains { $0.hasSuffix("Model") }
    let hasNoHead = heads.classifierOutputs == nil && !heads.answersQuestions
    // A head for pre-training does not count against it.
    let embeds = folder.hasPooling || saysBody || hasNoHead
    let embedsFirst = folder.hasPooling || saysBody
    var tasks = Self.classifierTasks(heads, named, configuration.labels)
    if tasks.contains(.textClassification), configuration.entailment != nil {
      tasks.append(.zeroShotClassification)
    }
    if heads.answersQuestions { tasks.append(.questionAnswering) }
    if heads.fillsMasks { tasks.append(.fillMask) }
    if embeds {
      tasks.insert(
        .embedding, at: embedsFirst && !named.contains(.textClassification) ? 0 : tasks.endIndex)
    }
    self.tasks = tasks
  }

  /// What the weights of a folder are for.
  ///
  /// - Throws: ``SwiftletError`` for tensors whose names contradict each other.
  package init(
    _ folder: ModelFolder, _ configuration: ModelConfiguration, _ checkpoint: SafetensorsCheckpoint
  ) throws(SwiftletError) {
    do throws(CheckpointError) {
      let names = try CheckpointNames(checkpoint, directory: folder.transformer)
      self.init(folder, configuration, CheckpointHeads(names, of: configuration.architecture))
    } catch {
      throw SwiftletError(error)
    }
  }

  /// What the layer `classifier` is: what `architectures` calls it; if that names another task or none,
  /// what its shape and the labels tell.
  private static func classifierTasks(
    _ heads: CheckpointHeads, _ named: [ModelTask], _ labels: [String]
  ) -> [ModelTask] {
    guard let outputs = heads.classifierOutputs else { return [] }
    let choices: [ModelTask] = [.textClassification, .tokenClassification, .multipleChoice]
    let known = choices.filter { named.contains($0) }
    if !known.isEmpty { return known }
    // Spans of tokens begin with B- and go on with I-.
    let isOfTokens = labels.contains { $0.hasPrefix("B-") || $0.hasPrefix("I-") }
    if !heads.hasPooler || isOfTokens { return [.tokenClassification] }
    return outputs == 1 ? [.textClassification, .multipleChoice] : [.textClassification]
  }

  /// Refuses a task that the folder is not for, unless the caller insists and there are the tensors to
  /// do it with.
  ///
  /// A head that `architectures` names and the file lacks passes: its loading names the tensors.
  package func check(_ task: ModelTask, insists: Bool) throws(SwiftletError) {
    if tasks.contains(task) { return }
    let canRun = hasTensors(for: task)
    if canRun, insists { return }
    if named.contains(task.head), !canRun { return }
    var reason = "\(folder.directory) is not for \(task.work): it is \(summary)"
    if let advice = advice(for: task) { reason += "; \(advice)" }
    if canRun {
      reason += "; to use it so all the same, set allowsOtherTask (--allow-other-task)"
    }
    throw .unsupportedModel(reason: reason)
  }

  private func hasTensors(for task: ModelTask) -> Bool {
    switch task {
    case .textClassification, .zeroShotClassification:
      heads.classifierOutputs != nil && heads.hasPooler
    case .multipleChoice: heads.classifierOutputs == 1 && heads.hasPooler
    case .tokenClassification: heads.classifierOutputs != nil
    case .questionAnswering: heads.answersQuestions
    case .fillMask: heads.fillsMasks
    case .embedding: true
    }
  }

  /// What the folder is, with what tells it.
  package var summary: String {
    let kind =
      tasks.first == .embedding && folder.hasPooling
      ? "a model of sentence-transformers"
      : (named.first ?? tasks.first)?.model
        ?? "a model of an unknown kind"
    let names = architectures.map { "\"\($0)\"" }.joined(separator: ", ")
    return names.isEmpty
      ? "\(kind), by its tensors (config.json has no \"architectures\")"
      : "\(kind) (\"architectures\": \(names))"
  }

  /// The way out.
  private func advice(for task: ModelTask) -> String? {
    if folder.hasSetFitHead, task != .embedding {
      return
        "SetFit keeps the head in model_head.pkl, a pickle of scikit-learn, which Swiftlet does not "
        + "run: take the vectors of Embedder (swiftlet embed), and apply the head to them in Python"
    }
    if task == .zeroShotClassification, tasks.contains(.textClassification) {
      return
        "none of its labels begins with \"entail\"; if one of them says that a text follows from "
        + "another, give it such a name in \"id2label\" and \"label2id\" of config.json"
    }
    guard let task = tasks.first else { return nil }
    return "run it with \(task.facade) (swiftlet \(task.commands[0]))"
  }
}

extension ModelFolder {
  /// Whether it is a sentence-transformers model that makes embeddings; a cross-encoder has modules,
  /// too, but none that pools.
  var hasPooling: Bool { modules.contains { $0.type == "Pooling" } }

  /// What the folder is for. Labels that contradict each other say nothing about it.
  package func purpose() throws(SwiftletError) -> ModelPurpose {
    let labelled = try? ModelLoading.configuration(in: transformer)
    let configuration =
      if let labelled { labelled } else {
        try ModelLoading.configuration(in: transformer, labelled: false)
      }
    let checkpoint = try ModelLoading.checkpoint(in: self, ModelOptions())
    return ModelPurpose(self, configuration, checkpoint.heads(of: configuration.architecture))
  }

  /// Whether SetFit saved a classifier here.
  var hasSetFitHead: Bool {
    ModelFiles.identity(of: ModelFiles.path("model_head.pkl", in: directory)) != nil
  }
}

extension ModelConfiguration {
  /// The label that says that one text follows from another, as the zero-shot pipeline finds it: the
  /// first whose name begins so, by `label2id` where that differs from `id2label`; nil if none does.
  /// Its id need not be one of the model's outputs.
  var entailment: LabelID? {
    let all =
      labelIDs.isEmpty ? labels.enumerated().map { LabelID(label: $1, id: $0) } : labelIDs
    return all.first { $0.label.lowercased().hasPrefix("entail") }
  }
}
