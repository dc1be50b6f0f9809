/** The package has no types of its own. It writes into the definition it is given. */
declare module "asl-validator" {
  export default function validator(definition: object): {
    isValid: boolean;
    errors: { Message?: string; message?: string }[];
  };
}
