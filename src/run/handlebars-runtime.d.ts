/** The part of Handlebars that renders precompiled templates; the package's own declaration of it is empty. */
declare module 'handlebars/runtime.js' {
  type Template = (values: object) => string;
  export interface Runtime {
    create(): Runtime;
    registerHelper(name: string, helper: (value: never, options: never) => string): void;
    registerPartial(name: string, partial: Template): void;
    readonly partials: { readonly [name: string]: Template | undefined };
    /** @param specification - what `precompile` printed, as a value */
    template(specification: unknown): Template;
  }
  const runtime: Runtime;
  export default runtime;
}
