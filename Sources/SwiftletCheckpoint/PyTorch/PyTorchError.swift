import SwiftletSafetensors
package import SwiftletSystem

/// Why a file of PyTorch can't be read. `file` is its path.
package enum PyTorchError: Error, Equatable, Sendable, CustomStringConvertible {
  case fileNotFound(file: String)
  case unreadable(file: String, reason: String)
  /// The system refused memory for the file or for tensors that are not in row-major order.
  case memory(MemoryError)

  // MARK: The container

  /// Neither of the two forms that `torch.save` writes.
  case notPyTorch(file: String)
  /// A program with its weights, from `torch.jit.save`.
  case torchScript(file: String)
  case damagedArchive(file: String, reason: String)
  /// An entry of the archive is compressed or encrypted.
  case compressedEntry(file: String, entry: String)
  case bigEndian(file: String)

  // MARK: The pickle

  case damagedPickle(file: String, offset: Int, reason: String)
  /// The pickle names a function or class that tensors do not need.
  case forbidden(file: String, name: String)
  /// The pickle has an instruction that tensors do not need.
  case unknownInstruction(file: String, offset: Int, instruction: String)
  /// The pickle has more instructions or tensors than any checkpoint.
  case tooMany(file: String, what: String, limit: Int)

  // MARK: The tensors

  /// The pickle is not a dictionary of tensors.
  case notADictionary(file: String, found: String)
  /// The tensors are one level deeper, in an entry such as `state_dict`.
  case nested(file: String, key: String)
  case notATensor(file: String, key: String, found: String)
  case duplicateTensor(file: String, tensor: String)
  /// Elements of a type that safetensors does not have either.
  case unsupportedType(file: String, type: String)
  case damagedTensor(file: String, tensor: String, reason: String)
  /// The tensors that are copied are larger than the file.
  case tooManyCopies(file: String, tensor: String, limit: Int)

  package var description: String {
    switch self {
    case .fileNotFound(let file): "\(file): no such file; check the path"
    case .unreadable(let file, let reason): "\(file): can't be read: \(reason)"
    case .memory(let error): error.description
    case .notPyTorch(let file):
      "\(file): not a file that torch.save wrote: it is neither its zip archive nor its older form; "
        + "download it again, or save the model with save_pretrained"
    case .torchScript(let file):
      "\(file): a TorchScript program, not weights; save the model that it was traced from with "
        + "save_pretrained"
    case .damagedArchive(let file, let reason):
      "\(file): damaged zip archive: \(reason); download or copy the file again"
    case .compressedEntry(let file, let entry):
      "\(file): the entry \(quoted(entry)) of the zip archive is compressed or encrypted, and "
        + "torch.save stores entries as they are; load the file in Python and save it with torch.save"
    case .bigEndian(let file):
      "\(file): written on a big-endian machine; load the model in Python and save it with "
        + "save_pretrained"
    default: contentDescription
    }
  }

  private var contentDescription: String {
    switch self {
    case .damagedPickle(let file, let offset, let reason):
      "\(file): damaged pickle at byte \(offset): \(reason); download or copy the file again"
    case .forbidden(let file, let name):
      "\(file): the pickle asks for \(quoted(name)), which weights do not need, and Swiftlet runs no "
        + "code from a file; if you trust its author, load it in Python and save the model with "
        + "save_pretrained"
    case .unknownInstruction(let file, let offset, let instruction):
      "\(file): the pickle has the instruction \(instruction) at byte \(offset), which tensors do not "
        + "need; if you trust the author of the file, load it in Python and save the model with "
        + "save_pretrained"
    case .tooMany(let file, let what, let limit):
      "\(file): the pickle has more than \(limit) \(what), which no model of Swiftlet needs"
    case .notADictionary(let file, let found):
      "\(file): expected a dictionary of tensors, found \(found); save the model with "
        + "save_pretrained, or its state_dict() with torch.save"
    case .nested(let file, let key):
      "\(file): the tensors are in the entry \(quoted(key)), where transformers does not look for them; "
        + "load the file in Python, and save that entry alone with torch.save"
    case .notATensor(let file, let key, let found):
      "\(file): expected a tensor under \(quoted(key)), found \(found); save the model with "
        + "save_pretrained, or its state_dict() with torch.save"
    case .duplicateTensor(let file, let tensor):
      "\(file): two tensors have the name \(quoted(tensor)); names must be unique"
    case .unsupportedType(let file, let type):
      "\(file): it has elements of the type \(type), which Swiftlet does not read; save the model with "
        + "float weights"
    case .damagedTensor(let file, let tensor, let reason):
      "\(file): tensor \(quoted(tensor)): \(reason); download or copy the file again"
    case .tooManyCopies(let file, let tensor, let limit):
      "\(file): the tensors that repeat or reorder stored elements, up to \(quoted(tensor)), need more "
        + "than \(limit) bytes, the size of the file; call contiguous() on them before torch.save"
    default: "error of a PyTorch file"
    }
  }
}
