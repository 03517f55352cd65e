/** The part of Handlebars that renders precompiled templates; the package's own declaration of it is empty. */
declare module 'handlebars/runtime.js' {
  interface Runtime {
    create(): Runtime;
    registerHelper(name: string, helper: (value: never, options: never) => string): void;
    /** @param specification - what `precompile` printed, as a value */
    template(specification: unknown): (values: object) => string;
  }
  const runtime: Runtime;
  export default runtime;
}
