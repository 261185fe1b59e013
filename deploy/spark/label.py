#!/usr/bin/env python3
"""Labels a data set with Swiftlet on Spark: each partition goes through `swiftlet classify`.

  spark-submit deploy/spark/label.py --input reviews.parquet --output labelled.parquet \
    --id-column id --text-column review --swiftlet /opt/swiftlet/swiftlet --model /srv/models/reviews

The input is Parquet, JSON Lines or CSV with a header (by its name's ending, or --input-format); the
output has the columns id, label and score, with the type of id that came in. Every id comes out as
often as it came in. Rows whose text is null have a label that is null. A task that fails is done
again from its beginning; nothing of the failed attempt is kept. The output folder appears by one
rename when all is done, and must not be there before.

The program must be on every node, with its folder Swiftlet_SwiftletWeightsFiles.resources if the bundled
model is used; so must the model. Or ship them: --archives swiftlet.tar.gz#swiftlet and
--swiftlet ./swiftlet/swiftlet. Each task runs one process with spark.task.cpus threads, in
constant memory beside the JVM's (spark.executor.memoryOverhead): the size of the model, which
processes of a node share where it is mapped, and some 100 MB.
"""

import argparse
import json
import os
import shlex
import sys

from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.types import DoubleType, StringType, StructField, StructType

FORMATS = {"parquet": {}, "json": {}, "csv": {"header": True, "multiLine": True, "escape": '"'}}
ENDINGS = {"parquet": "parquet", "json": "json", "jsonl": "json", "csv": "csv"}


def parsed_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--input", required=True)
    parser.add_argument("--output", required=True, help="a folder that is not there yet")
    parser.add_argument("--input-format", choices=FORMATS)
    parser.add_argument("--output-format", choices=FORMATS, default="parquet")
    parser.add_argument("--id-column", default="id")
    parser.add_argument("--text-column", default="text")
    parser.add_argument("--partitions", type=int, help="more, smaller tasks than the input has files")
    parser.add_argument("--swiftlet", default="swiftlet", help="the program on the nodes")
    parser.add_argument("--model", help="a folder on the nodes; the bundled model if not given")
    parser.add_argument("--precision", choices=["float32", "bfloat16", "int8"])
    arguments = parser.parse_args()
    if arguments.input_format is None:
        ending = arguments.input.rstrip("/").rsplit(".", 1)[-1].lower()
        if ending not in ENDINGS:
            parser.error(f"say what {arguments.input} is: --input-format parquet, json or csv")
        arguments.input_format = ENDINGS[ending]
    return arguments


def command(arguments):
    """What a partition's lines are piped through: a line of JSON in, a line of JSON out."""
    words = [arguments.swiftlet, "classify", "--file", "-", "--input-format", "jsonl"]
    words += ["--id-column", "id", "--text-column", "text", "--format", "jsonl", "--no-progress"]
    if arguments.model:
        words += ["--model", arguments.model]
    if arguments.precision:
        words += ["--precision", arguments.precision]
    return shlex.join(words)


def to_line(row):
    if row.id is None:
        raise ValueError("a row has no id, so its label cannot be joined: filter out rows without an id")
    # ASCII alone, so that no line separator of Unicode can end a line too early.
    return json.dumps({"id": row.id, "text": row.text})


def from_line(line):
    answer = json.loads(line)
    # An empty text has neither.
    score = answer["score"]
    return Row(
        id=answer["id"], label=answer["label"], score=None if score is None else float(score)
    )


def labelled(spark, rows, arguments):
    """The rows' ids (as strings), labels and scores."""
    threads = spark.conf.get("spark.task.cpus", "1")
    # checkCode: a process that ends with an error fails its task, which is then tried again. Without
    # it, the answers that a process gave before it died would pass for all.
    # The environment is the driver's, or else it would be empty, without PATH.
    environment = {**os.environ, "SWIFTLET_THREADS": threads}
    lines = rows.rdd.map(to_line).pipe(command(arguments), env=environment, checkCode=True)
    schema = StructType([
        StructField("id", StringType()), StructField("label", StringType()),
        StructField("score", DoubleType()),
    ])  # fmt: skip
    return spark.createDataFrame(lines.map(from_line), schema)


class Output:
    """A folder that is there as a whole or not at all.

    The rename is atomic on HDFS and local file systems. On object stores it copies: there, readers
    must wait for the file _SUCCESS.
    """

    def __init__(self, spark, path):
        java = spark.sparkContext._jvm
        self.final = java.org.apache.hadoop.fs.Path(path)
        staged = f".{self.final.getName()}.{spark.sparkContext.applicationId}"
        self.staged = java.org.apache.hadoop.fs.Path(self.final.getParent() or ".", staged)
        self.system = self.final.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration())
        if self.system.exists(self.final):
            sys.exit(f"{path} is there already: give another --output, or remove it first")

    def write(self, rows, kind):
        try:
            options = {key: value for key, value in FORMATS[kind].items() if key == "header"}
            rows.write.format(kind).options(**options).save(self.staged.toString())
            if not self.system.rename(self.staged, self.final):
                raise OSError(f"could not rename {self.staged.toString()} to {self.final.toString()}")
        finally:
            self.system.delete(self.staged, True)


def main():
    arguments = parsed_arguments()
    spark = (
        SparkSession.builder.appName("Swiftlet: label")
        # Version 2 lets single tasks write into the output before the job is done.
        .config("spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version", "1")
        .getOrCreate()
    )
    output = Output(spark, arguments.output)
    reader = spark.read.format(arguments.input_format).options(**FORMATS[arguments.input_format])
    read = reader.load(arguments.input)
    for column in (arguments.id_column, arguments.text_column):
        if column not in read.columns:
            sys.exit(f"{arguments.input} has no column {column}; it has {', '.join(read.columns)}")
    kind = read.schema[arguments.id_column].dataType
    rows = read.select(
        f.col(f"`{arguments.id_column}`").cast("string").alias("id"),
        f.col(f"`{arguments.text_column}`").cast("string").alias("text"),
    )
    if arguments.partitions:
        rows = rows.repartition(arguments.partitions)
    answers = labelled(spark, rows.where(f.col("text").isNotNull()), arguments)
    without = rows.where(f.col("text").isNull()).select(
        "id", f.lit(None).cast("string").alias("label"), f.lit(None).cast("double").alias("score")
    )
    answers = answers.unionByName(without).withColumn("id", f.col("id").cast(kind))
    output.write(answers, arguments.output_format)
    spark.stop()


if __name__ == "__main__":
    main()
