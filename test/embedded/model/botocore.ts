import { existsSync, readFileSync } from "node:fs";

/** Where Debian's python3-botocore keeps AWS's service models; scripts/install-test-tools.sh installs it. */
const folder = "/usr/lib/python3/dist-packages/botocore/data";

export const hasModels = existsSync(folder);

/** A shape of AWS's own service model, as far as it is looked at. */
export interface ModelShape {
  readonly type: string;
  readonly members?: Readonly<Record<string, ModelMember>>;
  readonly member?: ModelMember;
  readonly required?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly enum?: readonly string[];
  readonly sensitive?: boolean;
  readonly flattened?: boolean;
}

interface ModelMember {
  readonly shape: string;
  readonly location?: string;
  readonly locationName?: string;
  readonly flattened?: boolean;
}

interface Model {
  readonly operations: Readonly<
    Record<string, { input?: { shape: string }; output?: { shape: string } }>
  >;
  readonly shapes: Readonly<Record<string, ModelShape>>;
}

/** AWS's model of a service: `s3/2006-03-01`. */
export class ServiceModel {
  readonly #model: Model;

  constructor(service: string) {
    this.#model = JSON.parse(readFileSync(`${folder}/${service}/service-2.json`, "utf8"));
  }

  shape(name: string): ModelShape {
    const found = this.#model.shapes[name];
    if (found === undefined) throw new Error(`The model has no shape ${name}.`);
    return found;
  }

  input(operation: string): ModelShape {
    return this.shape(this.#model.operations[operation]?.input?.shape ?? "");
  }

  /** Undefined for an operation that answers nothing. */
  output(operation: string): ModelShape | undefined {
    const name = this.#model.operations[operation]?.output?.shape;
    return name === undefined ? undefined : this.shape(name);
  }
}
