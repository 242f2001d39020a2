/** The package's worker, which gets its module from the page instead of by a request. */

import { init } from "regulars";
import "regulars/worker-thread";

const answer = self.onmessage as (event: MessageEvent) => void;
self.onmessage = ({ data }: MessageEvent<WebAssembly.Module>) => {
  const ready = init(data);
  self.onmessage = (event) => void ready.then(() => answer(event));
};
