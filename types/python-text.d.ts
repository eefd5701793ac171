// A `.py` file is imported as its text, by webpack and by Jest alike.
declare module '*.py' {
  const text: string;
  export default text;
}
