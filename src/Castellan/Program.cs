using Castellan.Cli.CommandLine;

Terminals.Install();
return await CastellanCommand.Create().Parse(args).InvokeAsync();
