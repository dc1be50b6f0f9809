/** A resource of a CloudFormation template. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
}

/** Resources by logical id. */
export type Resources = Readonly<Record<string, Resource>>;

/** One permission: an action on a resource, both as text. */
export interface Permission {
  readonly action: string;
  readonly resource: string;
  readonly condition: string;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** Resources of a type, by logical id. */
export const ofType = (resources: Resources, type: string): [string, Resource][] =>
  Object.entries(resources).filter(([, { Type }]) => Type === type);

/** A value of a template as one line of text: `Fn::GetAtt` as `Id.Attribute`, `Ref` as `Id`. */
export function flat(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const { Ref, "Fn::GetAtt": attribute, "Fn::Join": joined } = value as Record<string, unknown>;
  if (typeof Ref === "string") return Ref;
  if (Array.isArray(attribute)) return attribute.join(".");
  if (Array.isArray(joined)) return (joined[1] as unknown[]).map(flat).join(String(joined[0]));
  return JSON.stringify(value);
}

/** What a role may do, from every policy that is attached to it. */
export const permissionsOfRole = (resources: Resources, roleId: string): Permission[] =>
  ofType(resources, "AWS::IAM::Policy")
    .filter(([, { Properties }]) => (Properties.Roles as unknown[]).map(flat).includes(roleId))
    .flatMap(([, policy]) => permissionsOfPolicy(policy));

/** What a policy allows. */
export function permissionsOfPolicy({ Properties }: Resource): Permission[] {
  const { Statement: statements } = Properties.PolicyDocument as { Statement: Statement[] };
  return statements
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap(({ Action, Resource: on, Condition }) =>
      [Action].flat().flatMap((action) =>
        (Array.isArray(on) ? on : [on]).map((resource) => ({
          action,
          resource: flat(resource),
          condition: Condition === undefined ? "" : JSON.stringify(Condition),
        })),
      ),
    );
}
