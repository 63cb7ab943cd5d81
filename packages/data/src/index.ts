export { BatchSampler } from "./batch-sampler.js";
export { bucketByLength, type BucketByLengthOptions, type BucketSampler } from "./bucket-by-length.js";
export { ConcatDataset } from "./concat-dataset.js";
export { DataLoader, type DataLoaderOptions, type Loaded } from "./data-loader.js";
export type { Dataset } from "./dataset.js";
export { type Collated, defaultCollate } from "./default-collate.js";
export { type Converted, defaultConvert } from "./default-convert.js";
export { DistributedSampler, type DistributedSamplerOptions } from "./distributed-sampler.js";
export { ChainDataset, IterableDataset, type IterableDatasetOptions, type SampleSource } from "./iterable-dataset.js";
export type { FolderInput } from "./images/files-in.js";
export { type ImageFile, ImageFolder, type ImageFolderOptions } from "./images/image-folder.js";
export { loadImage } from "./images/load-image.js";
export type { LoaderState } from "./loader-state.js";
export { MapDataset, type Transform } from "./map-dataset.js";
export {
  type CanvasLike,
  fromPixels,
  type FromPixelsOptions,
  type PixelSource,
  toPixels,
  toVideoFrame,
} from "./pixels.js";
export { progress, type Progress, type ProgressOptions, type ProgressStream } from "./progress.js";
export { RandomSampler, type RandomSamplerOptions } from "./random-sampler.js";
export { randomSplit, type RandomSplitOptions } from "./random-split.js";
export {
  encodeRecords,
  type FeatureStatistics,
  fromRecords,
  type FromRecordsOptions,
  RecordDataset,
  type RecordStatistics,
} from "./records.js";
export type { HostArray } from "./sample.js";
export type { Sampler, SamplerLike, Sized } from "./sampler.js";
export { batched, type DrawOptions, sequential, shuffled, withReplacement } from "./samplers.js";
export type { SourceInput, SourceOptions, SourceProgress } from "./sources/byte-stream.js";
export { readArrow } from "./sources/arrow.js";
export { readParquet, type ParquetOptions } from "./sources/parquet.js";
export type { TableValue } from "./sources/table-value.js";
export { loadIdx } from "./sources/idx.js";
export { readCsv, type CsvOptions, type CsvType, type CsvValue } from "./sources/csv.js";
export { readJsonLines, readLines } from "./sources/lines.js";
export { readNpy } from "./sources/npy.js";
export { openData } from "./sources/open-data.js";
export { SequentialSampler } from "./sequential-sampler.js";
export { StackDataset, type Stacked } from "./stack-dataset.js";
export { Subset } from "./subset.js";
export { SubsetRandomSampler, type SubsetRandomSamplerOptions } from "./subset-random-sampler.js";
export * as synthetic from "./synthetic/index.js";
export * as transforms from "./transforms/index.js";
export { type Rows, TensorDataset } from "./tensor-dataset.js";
export { WeightedRandomSampler, type WeightedRandomSamplerOptions } from "./weighted-random-sampler.js";
export type { WorkerOptions } from "./workers/loader-workers.js";
export { getWorkerInfo, type WorkerInfo } from "./workers/worker-info.js";
export { serveDataset, type Served, type ServeOptions } from "./workers/serve-dataset.js";
export type { WorkerLike, WorkerStart } from "./workers/start-worker.js";
export { WorkerError } from "./workers/worker-error.js";
