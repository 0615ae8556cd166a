/** What script/build makes of templates/: each template by its name without `.hbs`. */
declare module 'precompiled-templates' {
  const templates: Readonly<Record<string, TemplateSpecification>>;
  export default templates;
}
